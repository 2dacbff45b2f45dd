// SPDX-License-Identifier: Apache-2.0
package io.millrace.takeover;

import java.util.List;
import java.util.Set;

/**
 * Which iptables chains are kube-proxy's. The kubelet's (KUBE-FIREWALL, KUBE-KUBELET-CANARY,
 * KUBE-IPTABLES-HINT, KUBE-MARK-DROP) are not, nor those of network plugins that begin alike
 * (KUBE-ROUTER-…, KUBE-POD-FW-…, KUBE-NWPLCY-…).
 */
final class KubeProxyChains {
  static final String MARK = "KUBE-MARK-MASQ";
  static final String MASQUERADE = "KUBE-POSTROUTING";
  static final String FORWARD = "KUBE-FORWARD";

  private static final Set<String> NAMES =
      Set.of(
          MARK,
          MASQUERADE,
          FORWARD,
          "KUBE-SERVICES",
          "KUBE-NODEPORTS",
          "KUBE-EXTERNAL-SERVICES",
          "KUBE-PROXY-FIREWALL",
          "KUBE-PROXY-CANARY",
          "KUBE-LOAD-BALANCER",
          "KUBE-NODE-PORT",
          "KUBE-SOURCE-RANGES-FIREWALL",
          "KUBE-IPVS-FILTER",
          "KUBE-IPVS-OUT-FILTER");

  private static final List<String> PREFIXES =
      List.of("KUBE-SVC-", "KUBE-SVL-", "KUBE-EXT-", "KUBE-SEP-", "KUBE-FW-", "KUBE-XLB-");

  private KubeProxyChains() {}

  static boolean has(String chain) {
    return NAMES.contains(chain) || PREFIXES.stream().anyMatch(chain::startsWith);
  }
}
