// SPDX-License-Identifier: Apache-2.0
/** The kernel edge: maps, programs, links and netlink, as the control plane sees them. */
@NullMarked
package io.millrace.bpf;

import org.jspecify.annotations.NullMarked;
