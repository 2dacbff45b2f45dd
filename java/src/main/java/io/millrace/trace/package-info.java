// SPDX-License-Identifier: Apache-2.0
/** What would become of a packet: {@code millrace trace}. */
@NullMarked
package io.millrace.trace;

import org.jspecify.annotations.NullMarked;
