// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile;

import io.millrace.bpf.XdpUse;
import io.millrace.model.HostState;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Where the XDP program is to stand for the uplinks' sake. No driver runs it on a VLAN device: for
 * those it stands on the device below, which may be no uplink itself.
 */
final class XdpPlan {
  private final XdpMode mode;
  private final HostState host;
  private final DeviceRoles roles;
  private final Map<Integer, HostState.Link> links = new HashMap<>();
  private final Map<Integer, NodeTables.Xdp> xdp = new TreeMap<>();
  private final Map<NodeTables.VlanKey, NodeTables.Vlan> vlans = new TreeMap<>();

  XdpPlan(XdpMode mode, HostState host, DeviceRoles roles) {
    this.mode = mode;
    this.host = host;
    this.roles = roles;
    host.links().forEach(link -> links.put(link.ifindex(), link));
    for (HostState.Link uplink : roles.uplinks()) {
      if (uplink.isVlan()) {
        addVlan(uplink);
      } else {
        String obstacle = XdpRule.obstacle(mode, uplink);
        xdp.put(
            uplink.ifindex(),
            obstacle.isEmpty() ? NodeTables.Xdp.here(uses(uplink)) : NodeTables.Xdp.off(obstacle));
      }
    }
  }

  /** All uplinks, and the devices that stand in for them. */
  Map<Integer, NodeTables.Xdp> xdp() {
    return xdp;
  }

  Map<NodeTables.VlanKey, NodeTables.Vlan> vlans() {
    return vlans;
  }

  /**
   * Where XDP sees the frames that come in by a device: a bond's are seen by its members.
   *
   * @return the device itself, unless it is a bond that has members
   */
  static List<Integer> receivers(HostState host, HostState.Link device) {
    if (device.kind().equals("bond")) {
      List<Integer> members =
          host.links().stream()
              .filter(link -> link.master() == device.ifindex())
              .map(HostState.Link::ifindex)
              .toList();
      if (!members.isEmpty()) {
        return members;
      }
    }
    return List.of(device.ifindex());
  }

  private void addVlan(HostState.Link vlan) {
    HostState.Link parent = links.get(vlan.parent());
    String obstacle = vlanObstacle(vlan, parent);
    if (parent == null || !obstacle.isEmpty()) {
      xdp.put(vlan.ifindex(), NodeTables.Xdp.off(obstacle));
      return;
    }
    xdp.put(vlan.ifindex(), NodeTables.Xdp.on(parent.ifindex()));
    xdp.put(parent.ifindex(), NodeTables.Xdp.here(uses(parent)));
    for (int receiver : receivers(host, parent)) {
      vlans.put(
          new NodeTables.VlanKey(receiver, vlan.vlan()),
          new NodeTables.Vlan(vlan.ifindex(), vlan.vlan()));
    }
    vlans.put(
        new NodeTables.VlanKey(vlan.ifindex(), 0),
        new NodeTables.Vlan(parent.ifindex(), vlan.vlan()));
  }

  private String vlanObstacle(HostState.Link vlan, HostState.@Nullable Link parent) {
    if (mode == XdpMode.OFF) {
      return XdpRule.obstacle(mode, vlan);
    }
    if (parent == null) {
      return "a VLAN whose device is in another network namespace";
    }
    if (vlan.vlan() == 0) {
      return "a VLAN of 802.1ad";
    }
    if (parent.isVlan()) {
      return "a VLAN within the VLAN " + parent.name();
    }
    String obstacle = XdpRule.obstacle(mode, parent);
    return obstacle.isEmpty() ? "" : parent.name() + " is " + obstacle;
  }

  /** Any VLAN device counts: its frames must not be taken for untagged ones. */
  private Set<XdpUse> uses(HostState.Link device) {
    Set<XdpUse> uses = EnumSet.noneOf(XdpUse.class);
    if (host.links().stream()
        .anyMatch(link -> link.isVlan() && link.parent() == device.ifindex())) {
      uses.add(XdpUse.TAGS);
    }
    if (!roles.isUplink(device.ifindex())) {
      uses.add(XdpUse.TRUNK);
    }
    if (mode == XdpMode.AUTO) {
      uses.add(XdpUse.AUTO);
    }
    return uses;
  }
}
