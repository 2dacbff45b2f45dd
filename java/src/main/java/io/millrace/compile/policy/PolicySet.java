// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile.policy;

import java.util.List;
import java.util.Map;

/**
 * The rules of one direction of all pods for which they are the same. Its id says all of it but the
 * rows, and those follow from it and from what their classes say: whatever has the same key in the
 * kernel has the same value.
 *
 * @param id hash of the content, never 0
 * @param anyPeer4 rules for every IPv4 peer, known or not
 * @param anyPeer6 likewise IPv6
 * @param anyPort rules for all ports and protocols, those without ports too
 * @param next the set with the rules that follow; 0 = none
 * @param audit what no rule lets through is reported, and let through
 * @param peerRows by class: the rules whose peers it is among; never {@link Bits#NONE}
 * @param portRows by port class: the rules whose ports it is among; never {@link Bits#NONE}
 * @param rules where each bit comes from, in their order; at most {@link Bits#SIZE}
 * @param policies those that count for the pods of this set, as {@code namespace/name}, in order,
 *     whether they have rules or not: they are why the pod is isolated
 */
public record PolicySet(
    long id,
    Bits anyPeer4,
    Bits anyPeer6,
    Bits anyPort,
    long next,
    boolean audit,
    Map<Long, Bits> peerRows,
    Map<Integer, Bits> portRows,
    List<RuleOrigin> rules,
    List<String> policies) {
  /** How many sets may follow each other, the first one included. */
  public static final int CHAIN = 16;

  public PolicySet {
    peerRows = Map.copyOf(peerRows);
    portRows = Map.copyOf(portRows);
    rules = List.copyOf(rules);
    policies = List.copyOf(policies);
  }
}
