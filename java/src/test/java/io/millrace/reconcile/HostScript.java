// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.model.HostState;
import io.millrace.model.Ip;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A host in lines of text:
 *
 * <pre>
 *   link 2 eth0 [ethernet] [up] [veth] [peer] [default]
 *   address 2 192.0.2.1 [host]
 *   route 10.1.0.5 7
 * </pre>
 */
final class HostScript {
  private HostScript() {}

  static HostState read(List<String> lines) {
    List<HostState.Link> links = new ArrayList<>();
    List<HostState.Address> addresses = new ArrayList<>();
    List<HostState.HostRoute> routes = new ArrayList<>();
    Set<Integer> defaults = new HashSet<>();
    for (String line : lines) {
      List<String> words = Arrays.asList(line.strip().split(" +"));
      switch (words.get(0)) {
        case "link" -> {
          int ifindex = Integer.parseInt(words.get(1));
          links.add(link(ifindex, words));
          if (words.contains("default")) {
            defaults.add(ifindex);
          }
        }
        case "address" ->
            addresses.add(
                new HostState.Address(
                    Integer.parseInt(words.get(1)),
                    Ip.parse(words.get(2)),
                    24,
                    !words.contains("host")));
        case "route" ->
            routes.add(
                new HostState.HostRoute(Ip.parse(words.get(1)), Integer.parseInt(words.get(2))));
        default -> {
          if (!line.isBlank() && !line.startsWith("#")) {
            throw new IllegalArgumentException(line);
          }
        }
      }
    }
    return new HostState(links, addresses, routes, defaults);
  }

  private static HostState.Link link(int ifindex, List<String> words) {
    boolean veth = words.contains("veth");
    return new HostState.Link(
        ifindex,
        words.get(2),
        veth ? "veth" : "",
        veth || words.contains("ethernet"),
        0x020000000000L + ifindex,
        words.contains("up"),
        0,
        words.contains("peer"));
  }
}
