// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile;

import io.millrace.model.HostState;
import java.util.Set;

/**
 * Which uplinks are to have the XDP program. Whether the driver takes it shows when it is attached.
 */
final class XdpRule {
  private static final Set<String> OVERLAYS = Set.of("vxlan", "geneve", "gretap", "ip6gretap");

  private XdpRule() {}

  static NodeTables.Xdp apply(XdpMode mode, HostState.Link uplink) {
    return new NodeTables.Xdp(obstacle(mode, uplink.kind()));
  }

  private static String obstacle(XdpMode mode, String kind) {
    if (mode == XdpMode.OFF) {
      return "--xdp off";
    }
    if (OVERLAYS.contains(kind)) {
      return "an overlay device (" + kind + ")";
    }
    if (mode == XdpMode.AUTO && kind.equals("veth")) {
      return "a veth, whose frames may lack checksums (--xdp native attaches there, too)";
    }
    return "";
  }
}
