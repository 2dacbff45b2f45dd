// SPDX-License-Identifier: Apache-2.0
package io.millrace.takeover;

import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Whether somebody else serves this node's services: kube-proxy's rules are in force for them. */
public final class KubeProxyRules {
  private KubeProxyRules() {}

  /**
   * Which of these addresses no rule knows.
   *
   * @param addresses ClusterIPs that have endpoints, as text
   */
  public static List<String> missing(Host host, List<String> addresses) throws IOException {
    String rules = all(host);
    return addresses.stream().filter(address -> !knows(rules, address)).toList();
  }

  /** Whether there are any at all. */
  public static boolean any(Host host) throws IOException {
    String rules = all(host);
    return rules.contains("KUBE-SVC-")
        || (rules.contains("table ip kube-proxy") || rules.contains("table ip6 kube-proxy"))
        || !host.read("/proc/net/ip_vs").isBlank();
  }

  /** Not as a part of another one. */
  private static boolean knows(String rules, String address) {
    for (int at = rules.indexOf(address); at >= 0; at = rules.indexOf(address, at + 1)) {
      int end = at + address.length();
      boolean begins = at == 0 || !isPart(rules.charAt(at - 1));
      boolean ends = end == rules.length() || !isPart(rules.charAt(end));
      if (begins && ends) {
        return true;
      }
    }
    return false;
  }

  private static boolean isPart(char c) {
    return c == '.' || c == ':' || Character.digit(c, 16) >= 0;
  }

  private static String all(Host host) throws IOException {
    List<List<String>> commands =
        Stream.of(
                List.of("nft", "list", "table", "ip", "kube-proxy"),
                List.of("nft", "list", "table", "ip6", "kube-proxy"),
                List.of("iptables-save", "-t", "nat"),
                List.of("ip6tables-save", "-t", "nat"),
                List.of("iptables-nft-save", "-t", "nat"),
                List.of("ip6tables-nft-save", "-t", "nat"),
                List.of("ip", "address", "show", "dev", "kube-ipvs0"))
            .filter(command -> host.has(command.get(0)))
            .collect(Collectors.toList());
    StringBuilder rules = new StringBuilder();
    for (List<String> command : commands) {
      // What is not there is complained of, and says nothing.
      rules.append(host.run(command, "").output()).append('\n');
    }
    return rules.toString();
  }
}
