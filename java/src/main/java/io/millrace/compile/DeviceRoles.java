// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile;

import io.millrace.model.CidrSet;
import io.millrace.model.HostState;
import io.millrace.model.Ip;
import io.millrace.model.NodeState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which devices are uplinks and which lead to pods.
 *
 * @param uplinks those with a default route first, then by ifindex
 * @param pods by ifindex
 */
record DeviceRoles(List<HostState.Link> uplinks, List<HostState.Link> pods) {
  static DeviceRoles detect(NodeConfig config, HostState host, @Nullable NodeState node) {
    Set<Integer> holdsNodeAddress = devicesOf(host, node);
    List<HostState.Link> uplinks = new ArrayList<>();
    List<HostState.Link> pods = new ArrayList<>();
    for (HostState.Link link : host.links()) {
      boolean leadsOut =
          host.defaultRouteDevices().contains(link.ifindex())
              || holdsNodeAddress.contains(link.ifindex());
      if (isUplink(config.uplinks(), link, leadsOut)) {
        uplinks.add(link);
      } else if (isPod(config.podInterfaces(), link)) {
        pods.add(link);
      }
    }
    uplinks.sort(
        Comparator.comparing(
                (HostState.Link link) -> !host.defaultRouteDevices().contains(link.ifindex()))
            .thenComparingInt(HostState.Link::ifindex));
    pods.sort(Comparator.comparingInt(HostState.Link::ifindex));
    return new DeviceRoles(uplinks, pods);
  }

  /**
   * Devices that are neither, and that no pod of this node can come by. Bridges may be a pod's that
   * is not known yet: those that pods are on, or that have an address of their block. Overlays have
   * one as well, as flannel's, and lead to other nodes.
   */
  Set<Integer> others(HostState host, @Nullable NodeState node) {
    CidrSet podCidrs = CidrSet.of(node == null ? Set.of() : node.podCidrs());
    Set<Integer> others = new TreeSet<>();
    Set<Integer> overlays = new HashSet<>();
    for (HostState.Link link : host.links()) {
      others.add(link.ifindex());
      if (Overlays.has(link)) {
        overlays.add(link.ifindex());
      }
    }
    uplinks.forEach(link -> others.remove(link.ifindex()));
    for (HostState.Link pod : pods) {
      others.remove(pod.ifindex());
      others.remove(pod.master());
    }
    for (HostState.Address address : host.addresses()) {
      if (podCidrs.contains(address.ip()) && !overlays.contains(address.ifindex())) {
        others.remove(address.ifindex());
      }
    }
    return others;
  }

  boolean isUplink(int ifindex) {
    return uplinks.stream().anyMatch(link -> link.ifindex() == ifindex);
  }

  private static boolean isUplink(
      @Nullable Set<String> names, HostState.Link link, boolean leadsOut) {
    return names != null ? names.contains(link.name()) : link.ethernet() && link.up() && leadsOut;
  }

  private static boolean isPod(@Nullable Pattern names, HostState.Link link) {
    return names != null
        ? names.matcher(link.name()).matches()
        : link.kind().equals("veth") && link.peerElsewhere();
  }

  private static Set<Integer> devicesOf(HostState host, @Nullable NodeState node) {
    Set<Integer> devices = new HashSet<>();
    if (node != null) {
      Set<Ip> wanted = new HashSet<>(node.internalIps());
      wanted.addAll(node.otherIps());
      for (HostState.Address address : host.addresses()) {
        if (wanted.contains(address.ip())) {
          devices.add(address.ifindex());
        }
      }
    }
    return devices;
  }
}
