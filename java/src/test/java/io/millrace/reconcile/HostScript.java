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
 *   link 2 eth0 [ethernet] [up] [veth] [bond] [vlan:PARENT:ID] [in:MASTER] [peer] [default]
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
    String[] vlan = parts(words, "vlan", 3);
    boolean veth = words.contains("veth");
    String kind = veth ? "veth" : words.contains("bond") ? "bond" : vlan[0];
    return new HostState.Link(
        ifindex,
        words.get(2),
        kind,
        !kind.isEmpty() || words.contains("ethernet"),
        0x020000000000L + ifindex,
        words.contains("up"),
        Integer.parseInt(parts(words, "in", 2)[1]),
        words.contains("peer"),
        Integer.parseInt(vlan[1]),
        Integer.parseInt(vlan[2]));
  }

  /** A word of the form {@code NAME:NUMBER…} in its parts; without one an empty name and zeros. */
  private static String[] parts(List<String> words, String name, int count) {
    for (String word : words) {
      if (word.startsWith(name + ":")) {
        return word.split(":");
      }
    }
    String[] none = new String[count];
    Arrays.fill(none, "0");
    none[0] = "";
    return none;
  }
}
