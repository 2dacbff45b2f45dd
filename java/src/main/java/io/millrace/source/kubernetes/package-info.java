// SPDX-License-Identifier: Apache-2.0
/** The API server: lists and watches, read as they stream in. */
@NullMarked
package io.millrace.source.kubernetes;

import org.jspecify.annotations.NullMarked;
