// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile;

import io.millrace.model.HostState;
import java.util.Set;

/**
 * Which devices are to have the XDP program. Whether the driver takes it shows when it is attached.
 */
final class XdpRule {
  private static final Set<String> OVERLAYS = Set.of("vxlan", "geneve", "gretap", "ip6gretap");

  private XdpRule() {}

  /** Why the device is not to have the program, in words; empty if it is. */
  static String obstacle(XdpMode mode, HostState.Link device) {
    String kind = device.kind();
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
