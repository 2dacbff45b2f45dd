// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.node;

import io.millrace.bpf.NetEvent;
import io.millrace.model.HostState;
import io.millrace.model.Ip;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What netlink has said of this host so far.
 *
 * <p>Of the routes only those are kept that matter: default routes and routes to a single address.
 * So a router's full table costs nothing here.
 */
final class HostTable {
  private static final int ARPHRD_ETHER = 1;
  private static final int RT_SCOPE_UNIVERSE = 0;

  /** IFA_F_DADFAILED, IFA_F_DEPRECATED, IFA_F_TENTATIVE: not an address to speak from. */
  private static final int UNUSABLE = 0x08 | 0x20 | 0x40;

  private final TreeMap<Integer, HostState.Link> links = new TreeMap<>();
  private final Map<AddressKey, HostState.Address> addresses = new LinkedHashMap<>();
  private final Map<RouteKey, NetEvent.Route> routes = new LinkedHashMap<>();

  private record AddressKey(int ifindex, Ip ip, int prefix) {}

  /**
   * What a route is replaced by. IPv4 has one route for these three; of IPv6 the siblings of a
   * multipath route come one by one, and differ in their device.
   */
  private record RouteKey(Ip destination, int prefix, int metric, int sibling) {}

  void apply(NetEvent event) {
    if (event instanceof NetEvent.Link link) {
      link(link);
    } else if (event instanceof NetEvent.Address address) {
      address(address);
    } else if (event instanceof NetEvent.Route route) {
      route(route);
    }
  }

  private void link(NetEvent.Link link) {
    if (link.gone()) {
      links.remove(link.ifindex());
      addresses.keySet().removeIf(key -> key.ifindex() == link.ifindex());
    } else {
      links.put(
          link.ifindex(),
          new HostState.Link(
              link.ifindex(),
              link.name(),
              link.kind(),
              link.arphrd() == ARPHRD_ETHER,
              mac(link.mac()),
              link.up(),
              link.master(),
              link.peerElsewhere(),
              link.parent(),
              link.vlan()));
    }
    if (link.gone() || !link.up()) {
      // The kernel drops the IPv4 routes of such a device without a word about each.
      routes.values().removeIf(route -> route.ifindex() == link.ifindex());
    }
  }

  private void address(NetEvent.Address address) {
    Ip ip = Ip.ofBytes(address.ip());
    AddressKey key = new AddressKey(address.ifindex(), ip, address.prefixLength());
    if (address.gone()) {
      addresses.remove(key);
      return;
    }
    boolean global = address.scope() == RT_SCOPE_UNIVERSE && (address.flags() & UNUSABLE) == 0;
    addresses.put(
        key, new HostState.Address(address.ifindex(), ip, address.prefixLength(), global));
  }

  private void route(NetEvent.Route route) {
    Ip destination = Ip.ofBytes(route.destination());
    boolean toOneHost = route.prefixLength() == destination.bits() && route.gateway().length == 0;
    if (route.prefixLength() != 0 && !toOneHost) {
      return;
    }
    int sibling = destination.isV4() ? 0 : route.ifindex();
    RouteKey key = new RouteKey(destination, route.prefixLength(), route.metric(), sibling);
    if (route.gone()) {
      routes.remove(key);
    } else {
      routes.put(key, route);
    }
  }

  /** Everything known now, in an order that does not depend on how it was learned. */
  HostState state() {
    Map<Ip, NetEvent.Route> best = new TreeMap<>();
    Set<Integer> defaultDevices = new TreeSet<>();
    routes.forEach(
        (key, route) -> {
          if (route.ifindex() == 0) {
            return;
          }
          if (key.prefix() == 0) {
            defaultDevices.add(route.ifindex());
          } else {
            best.merge(key.destination(), route, (a, b) -> b.metric() < a.metric() ? b : a);
          }
        });
    List<HostState.HostRoute> hostRoutes = new ArrayList<>(best.size());
    best.forEach((ip, route) -> hostRoutes.add(new HostState.HostRoute(ip, route.ifindex())));
    List<HostState.Address> sorted = new ArrayList<>(addresses.values());
    sorted.sort((a, b) -> Integer.compare(a.ifindex(), b.ifindex())); // stable: kernel's order
    return new HostState(List.copyOf(links.values()), sorted, hostRoutes, defaultDevices);
  }

  private static long mac(byte[] bytes) {
    long mac = 0;
    if (bytes.length == 6) {
      for (byte b : bytes) {
        mac = mac << 8 | (b & 0xff);
      }
    }
    return mac;
  }
}
