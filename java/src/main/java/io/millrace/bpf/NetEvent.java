// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

/**
 * What the kernel's routing netlink says of this network namespace. A snapshot comes first, between
 * {@link SnapshotBegin} and {@link SnapshotEnd}; after lost messages it comes again, and whatever a
 * new snapshot does not name is gone.
 */
public sealed interface NetEvent {
  record SnapshotBegin() implements NetEvent {}

  record SnapshotEnd() implements NetEvent {}

  /**
   * A device.
   *
   * @param ifindex its number
   * @param name its name
   * @param kind {@code IFLA_INFO_KIND}: {@code veth}, {@code bridge}, {@code vlan} …, or empty
   * @param arphrd ARPHRD_* type: 1 = Ethernet, 772 = loopback
   * @param mac hardware address, empty if it has none
   * @param up {@code IFF_UP}
   * @param master ifindex of the bridge or bond it belongs to, 0 = none
   * @param peerElsewhere {@code IFLA_LINK_NETNSID} is there: the other end is in another namespace
   * @param parent kind {@code vlan}: ifindex of the device below it; 0 = in another namespace
   * @param vlan kind {@code vlan}: its 802.1Q id; 0 = none, or another protocol
   * @param gone it was removed
   */
  record Link(
      int ifindex,
      String name,
      String kind,
      int arphrd,
      byte[] mac,
      boolean up,
      int master,
      boolean peerElsewhere,
      int parent,
      int vlan,
      boolean gone)
      implements NetEvent {
    /** A device that is no VLAN. */
    public Link(
        int ifindex,
        String name,
        String kind,
        int arphrd,
        byte[] mac,
        boolean up,
        int master,
        boolean peerElsewhere,
        boolean gone) {
      this(ifindex, name, kind, arphrd, mac, up, master, peerElsewhere, 0, 0, gone);
    }
  }

  /**
   * An address of this host.
   *
   * @param ip 4 or 16 bytes, network byte order
   * @param scope RT_SCOPE_*: 0 = global, 253 = link, 254 = host
   * @param flags IFA_F_*: for example 0x01 secondary, 0x40 tentative
   */
  record Address(int ifindex, byte[] ip, int prefixLength, int scope, int flags, boolean gone)
      implements NetEvent {}

  /**
   * A unicast route of the main table.
   *
   * @param destination 4 or 16 bytes, network byte order; zeros for a default route
   * @param gateway next hop, or empty when the destination is on the link
   * @param ifindex device it leaves by; 0 for several next hops
   */
  record Route(
      byte[] destination, int prefixLength, byte[] gateway, int ifindex, int metric, boolean gone)
      implements NetEvent {}
}
