// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

/**
 * What is used of what the kernel offers.
 *
 * @param tcx programs attach by tcx links (6.6), else by clsact filters
 * @param direct established flows between pods pass the host's stack by
 * @param kernel {@code uname -r}
 */
public record Features(boolean tcx, boolean direct, String kernel) {}
