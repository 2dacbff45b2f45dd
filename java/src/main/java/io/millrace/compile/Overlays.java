// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile;

import io.millrace.model.HostState;
import java.util.Set;

/**
 * Devices that lead to other machines inside other packets: no hardware, and no pod of this node.
 */
final class Overlays {
  private static final Set<String> KINDS =
      Set.of(
          "vxlan",
          "geneve",
          "gretap",
          "ip6gretap",
          "gre",
          "ip6gre",
          "ipip",
          "sit",
          "ip6tnl",
          "vti",
          "vti6",
          "wireguard");

  private Overlays() {}

  static boolean has(HostState.Link device) {
    return KINDS.contains(device.kind());
  }
}
