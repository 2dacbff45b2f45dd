// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.compile.policy.PolicyTables;
import io.millrace.compile.policy.Subject;
import java.util.HashSet;
import java.util.Set;

/**
 * Where policies stand.
 *
 * @param on whether they are enforced at all
 * @param guarded whether pods without an entry are closed
 * @param inForce whether the last policies that are known are in force
 * @param epoch raised when access may have been taken away
 * @param generation how often tables have come into force since this agent started
 * @param flips how often all pods changed the side
 * @param refusals how often the kernel had no room, or refused
 * @param addresses pods' addresses on this node
 * @param isolatedIngress of these, those that policies isolate in this direction
 * @param isolatedEgress likewise
 * @param sets sets of rules
 * @param classes classes of addresses
 * @param rules rules of all sets
 */
public record PolicyStatus(
    boolean on,
    boolean guarded,
    boolean inForce,
    int epoch,
    long generation,
    long flips,
    long refusals,
    int addresses,
    int isolatedIngress,
    int isolatedEgress,
    int sets,
    int classes,
    int rules) {
  /** Without tables in the kernel. */
  public static final PolicyStatus NONE =
      new PolicyStatus(false, false, true, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  static PolicyStatus of(
      boolean on,
      boolean guarded,
      boolean inForce,
      int epoch,
      long generation,
      long flips,
      long refusals,
      PolicyTables tables) {
    int ingress = 0;
    int egress = 0;
    for (Subject subject : tables.subjects().values()) {
      ingress += subject.ingress() == 0 ? 0 : 1;
      egress += subject.egress() == 0 ? 0 : 1;
    }
    Set<Long> classes = new HashSet<>(tables.peers().values());
    classes.addAll(tables.blocks().values());
    classes.remove(0L);
    return new PolicyStatus(
        on,
        guarded,
        inForce,
        epoch,
        generation,
        flips,
        refusals,
        tables.subjects().size(),
        ingress,
        egress,
        tables.sets().size(),
        classes.size(),
        tables.sets().values().stream().mapToInt(set -> set.rules().size()).sum());
  }
}
