// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile;

import io.millrace.model.HostState;

/**
 * Which devices are to have the XDP program. Whether the driver takes it shows when it is attached.
 */
final class XdpRule {
  private XdpRule() {}

  /** Why the device is not to have the program, in words; empty if it is. */
  static String obstacle(XdpMode mode, HostState.Link device) {
    String kind = device.kind();
    if (mode == XdpMode.OFF) {
      return "--xdp off";
    }
    if (Overlays.has(device)) {
      return "an overlay device (" + kind + ")";
    }
    if (mode == XdpMode.AUTO && kind.equals("veth")) {
      return "a veth, whose frames may lack checksums (--xdp native attaches there, too)";
    }
    return "";
  }
}
