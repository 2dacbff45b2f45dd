// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile;

import io.millrace.model.SliceState.Endpoint;
import io.millrace.model.SliceState.Hints;
import java.util.List;

/**
 * Which ready endpoints this node should ask, as the hints in the slices say (S-040…S-047). Hints
 * count only if every ready endpoint has one and at least one names this node, or its zone;
 * otherwise nobody is left out. The annotations and fields that lead to hints are the controller's.
 *
 * @see <a href="https://kep.k8s.io/2433">KEP-2433</a>
 * @see <a href="https://kep.k8s.io/3015">KEP-3015</a>
 */
enum Topology {
  /** Everybody may be asked. */
  NONE,
  /** Those for this node (S-041). */
  NODE,
  /** Those for this zone (S-042). */
  ZONE;

  /** Gathers what the ready endpoints of one ServicePort and family say. */
  static final class Vote {
    private final NodeFacts facts;
    private boolean nodesGiven = true;
    private boolean zonesGiven = true;
    private boolean nodeNamed;
    private boolean zoneNamed;

    Vote(NodeFacts facts) {
      this.facts = facts;
    }

    /** Those that are not ready have no say (S-046). */
    void count(Endpoint endpoint) {
      if (!endpoint.ready()) {
        return;
      }
      nodesGiven &= !nodes(endpoint).isEmpty();
      zonesGiven &= !zones(endpoint).isEmpty();
      nodeNamed |= nodes(endpoint).contains(facts.nodeName());
      zoneNamed |= names(zones(endpoint), facts.zone());
    }

    Topology result() {
      if (nodesGiven && nodeNamed) {
        return NODE;
      }
      return zonesGiven && zoneNamed ? ZONE : NONE;
    }
  }

  /** Whether an endpoint is meant for this node. */
  boolean admits(Endpoint endpoint, NodeFacts facts) {
    return switch (this) {
      case NONE -> true;
      case NODE -> nodes(endpoint).contains(facts.nodeName());
      case ZONE -> names(zones(endpoint), facts.zone());
    };
  }

  /** A node without a zone is in none of them (S-045). */
  private static boolean names(List<String> zones, String zone) {
    return !zone.isEmpty() && zones.contains(zone);
  }

  private static List<String> nodes(Endpoint endpoint) {
    Hints hints = endpoint.hints();
    return hints == null ? List.of() : hints.nodes();
  }

  private static List<String> zones(Endpoint endpoint) {
    Hints hints = endpoint.hints();
    return hints == null ? List.of() : hints.zones();
  }
}
