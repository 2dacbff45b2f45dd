// SPDX-License-Identifier: Apache-2.0
/** Follows this host: its devices, addresses and routes. */
@NullMarked
package io.millrace.source.node;

import org.jspecify.annotations.NullMarked;
