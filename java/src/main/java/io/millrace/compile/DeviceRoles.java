// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile;

import io.millrace.model.HostState;
import io.millrace.model.Ip;
import io.millrace.model.NodeState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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
