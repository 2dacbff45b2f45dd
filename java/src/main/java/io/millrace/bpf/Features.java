// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

/**
 * What the kernel was found to offer, by trying.
 *
 * @param tcx programs attach by tcx links (6.6), else by clsact filters
 * @param kernel {@code uname -r}
 */
public record Features(boolean tcx, String kernel) {}
