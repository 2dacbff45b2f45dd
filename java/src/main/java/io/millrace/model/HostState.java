// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import java.util.List;
import java.util.Set;

/**
 * This host as netlink describes it.
 *
 * @param links all devices, by ifindex
 * @param addresses all addresses, by ifindex, in the kernel's order
 * @param hostRoutes routes to a single address (/32, /128) that lead straight to a device
 * @param defaultRouteDevices devices that a default route leaves by
 */
public record HostState(
    List<Link> links,
    List<Address> addresses,
    List<HostRoute> hostRoutes,
    Set<Integer> defaultRouteDevices)
    implements ClusterObject {
  /** The key of the one host. */
  public static final ObjectKey KEY = new ObjectKey(ObjectKey.Kind.HOST, "", "this");

  /** A host of which nothing is known. */
  public static final HostState EMPTY = new HostState(List.of(), List.of(), List.of(), Set.of());

  public HostState {
    links = List.copyOf(links);
    addresses = List.copyOf(addresses);
    hostRoutes = List.copyOf(hostRoutes);
    defaultRouteDevices = Set.copyOf(defaultRouteDevices);
  }

  /**
   * A device.
   *
   * @param kind {@code veth}, {@code bridge}, {@code vlan} …, empty for hardware
   * @param ethernet ARPHRD_ETHER
   * @param mac 48 bits, 0 if it has none
   * @param master ifindex of its bridge or bond, 0 for none
   * @param peerElsewhere its other end is in another network namespace
   * @param parent kind {@code vlan}: ifindex of the device below it, 0 = in another namespace
   * @param vlan kind {@code vlan}: its 802.1Q id, 0 = none, or another protocol
   */
  public record Link(
      int ifindex,
      String name,
      String kind,
      boolean ethernet,
      long mac,
      boolean up,
      int master,
      boolean peerElsewhere,
      int parent,
      int vlan) {
    /** A device that is no VLAN. */
    public Link(
        int ifindex,
        String name,
        String kind,
        boolean ethernet,
        long mac,
        boolean up,
        int master,
        boolean peerElsewhere) {
      this(ifindex, name, kind, ethernet, mac, up, master, peerElsewhere, 0, 0);
    }

    public boolean isVlan() {
      return kind.equals("vlan");
    }
  }

  /**
   * An address of this host.
   *
   * @param global scope global, neither tentative nor deprecated
   */
  public record Address(int ifindex, Ip ip, int prefix, boolean global) {}

  /** A route to one address by one device. */
  public record HostRoute(Ip ip, int ifindex) {}

  @Override
  public ObjectKey key() {
    return KEY;
  }
}
