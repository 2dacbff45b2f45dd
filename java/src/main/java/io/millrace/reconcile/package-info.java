// SPDX-License-Identifier: Apache-2.0
/** Brings the kernel's maps to the desired state in an order that never shows half of a change. */
@NullMarked
package io.millrace.reconcile;

import org.jspecify.annotations.NullMarked;
