// SPDX-License-Identifier: Apache-2.0
/** A small HTTP server: a few listeners, short answers, one thread. Knows nothing of services. */
@NullMarked
package io.millrace.http;

import org.jspecify.annotations.NullMarked;
