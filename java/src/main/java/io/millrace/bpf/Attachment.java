// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

/**
 * The programs of one device, found pinned or attached.
 *
 * @param ifindex the device
 * @param role which programs
 * @param complete whether every program of the role stands and is of the running version; when not,
 *     {@link Dataplane#attach} mends it. XDP does not count
 * @param tc whether any tc program of the role stands; the device below a VLAN may have only XDP
 * @param xdp the XDP program, which only uplinks have, and devices below them
 */
public record Attachment(int ifindex, Role role, boolean complete, boolean tc, XdpState xdp) {}
