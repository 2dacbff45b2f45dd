// SPDX-License-Identifier: Apache-2.0
package io.millrace.takeover;

import java.io.IOException;
import java.util.Optional;

/** kube-proxy on this node: whether it runs, and what it has left. */
public final class KubeProxy {
  private static final String MODE_URL = "http://127.0.0.1:10249/proxyMode";
  private static final String OUR_MODE = "millrace";

  private KubeProxy() {}

  /**
   * How it is known to run in this network namespace; empty if nothing says so. A process is seen
   * only by who may see the node's processes.
   */
  public static Optional<String> running(Host host) {
    String here = host.link("/proc/self/ns/net");
    for (String pid : host.list("/proc")) {
      if (pid.chars().allMatch(Character::isDigit)
          && host.read("/proc/" + pid + "/comm").strip().equals("kube-proxy")
          && host.link("/proc/" + pid + "/ns/net").equals(here)) {
        return Optional.of("process " + pid);
      }
    }
    String mode = host.get(MODE_URL);
    return mode.isEmpty() || mode.equals(OUR_MODE)
        ? Optional.empty()
        : Optional.of(MODE_URL + " answers " + mode.lines().findFirst().orElse(""));
  }

  /**
   * What is to be taken away of what it has left.
   *
   * @param carried connections that it began may be under way
   */
  public static Plan leftovers(Host host, boolean carried) throws IOException {
    return IptablesLeftovers.find(host, carried)
        .and(NftLeftovers.find(host, carried))
        .and(IpvsLeftovers.find(host, carried));
  }
}
