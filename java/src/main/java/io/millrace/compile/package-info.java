// SPDX-License-Identifier: Apache-2.0
/** Pure functions from the cluster image to what the kernel should hold. */
@NullMarked
package io.millrace.compile;

import org.jspecify.annotations.NullMarked;
