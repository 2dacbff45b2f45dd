// SPDX-License-Identifier: Apache-2.0
/** The door through which objects come in: coalesced per key, gated until all have synced. */
@NullMarked
package io.millrace.source;

import org.jspecify.annotations.NullMarked;
