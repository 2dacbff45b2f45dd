// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

import java.util.Map;
import java.util.Optional;

/**
 * The most entries of the tables of policy. While policies change, what they were and what they
 * become is there together.
 *
 * @param subjects addresses of this node's pods, each family
 * @param peers addresses of the cluster's pods that rules speak of, each family
 * @param sets rules of one direction of a pod; pods with the same ones share a set
 * @param setPeers sets × classes of addresses, those that have something to say of each other
 * @param setPorts sets × classes of ports, likewise
 */
public record PolicySizes(int subjects, int peers, int sets, int setPeers, int setPorts) {
  /** For 10,000 pods, 2,000 policies and 5,000 blocks. */
  public static final PolicySizes DEFAULT = new PolicySizes(4096, 65_536, 8192, 131_072, 16_384);

  public PolicySizes {
    for (int size : new int[] {subjects, peers, sets, setPeers, setPorts}) {
      check(size);
    }
  }

  /** The agent's flag for the size of a map. */
  public static Optional<String> flag(String map) {
    return switch (map) {
      case "subjects4", "subjects6" -> Optional.of("--max-policy-subjects");
      case "peers4", "peers6" -> Optional.of("--max-policy-peers");
      case "sets" -> Optional.of("--max-policy-sets");
      case "set_peers" -> Optional.of("--max-policy-set-peers");
      case "set_ports" -> Optional.of("--max-policy-set-ports");
      default -> Optional.empty();
    };
  }

  static void check(int size) {
    if (size < 1) {
      throw new IllegalArgumentException("a map needs at least 1 entry, not " + size);
    }
  }

  void addTo(Map<String, Integer> sizes) {
    sizes.put("subjects4", subjects);
    sizes.put("subjects6", subjects);
    sizes.put("peers4", peers);
    sizes.put("peers6", peers);
    sizes.put("sets", sets);
    sizes.put("set_peers", setPeers);
    sizes.put("set_ports", setPorts);
  }
}
