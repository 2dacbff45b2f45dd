// SPDX-License-Identifier: Apache-2.0
/** The kernel in memory, for tests: it keeps bytes, fails on demand, and can be looked into. */
@NullMarked
package io.millrace.fake;

import org.jspecify.annotations.NullMarked;
