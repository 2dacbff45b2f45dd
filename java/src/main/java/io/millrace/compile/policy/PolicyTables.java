// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile.policy;

import io.millrace.model.Cidr;
import io.millrace.model.Ip;
import io.millrace.model.Problem;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;

/**
 * What the kernel should hold of NetworkPolicies, always whole. What did not change since the last
 * time is the same reference, in the values of maps too; if nothing did, so are the tables.
 *
 * @param universe equal in two tables if their ids of sets, peers that are asked for and ranges of
 *     ports are: then nothing but addresses moved between classes, and subjects between sets
 * @param complete anything may differ from what is known: these are the first tables. false: of
 *     {@code peers} and {@code subjects} only what {@code moved} names does
 * @param moved addresses whose class or subject may differ from the tables before
 * @param subjects all pods of this node, each of their addresses
 * @param peers pods of the whole cluster, each of their addresses, with the id of their class; what
 *     blocks say of an address is in it. Those of class 0 are absent, and in no block
 * @param blocks the prefixes that occur in blocks and their excepts, with the class of an address
 *     that is no pod and for which it is the longest; 0 occurs
 * @param sets by id; all that subjects name, and those they lead to
 * @param problems what is wrong with policies, or with pods as far as policies go
 */
public record PolicyTables(
    long universe,
    boolean complete,
    Set<Ip> moved,
    Map<Ip, Subject> subjects,
    PMap<Ip, Long> peers,
    Map<Cidr, Long> blocks,
    PortClasses ports,
    Map<Long, PolicySet> sets,
    List<Problem> problems) {
  /** No pods and no policies. */
  public static final PolicyTables EMPTY =
      new PolicyTables(
          0,
          true,
          Set.of(),
          Map.of(),
          HashTreePMap.empty(),
          Map.of(),
          PortClasses.NONE,
          Map.of(),
          List.of());

  public PolicyTables {
    moved = Set.copyOf(moved);
    subjects = Map.copyOf(subjects);
    blocks = Map.copyOf(blocks);
    sets = Map.copyOf(sets);
    problems = List.copyOf(problems);
  }

  /** Whether these say anything else than the ones before, by what {@code moved} names. */
  @SuppressWarnings("ReferenceEquality")
  boolean differsFrom(PolicyTables before) {
    return !moved.isEmpty()
        || universe != before.universe
        || blocks != before.blocks
        || ports != before.ports
        || !sets.equals(before.sets)
        || !problems.equals(before.problems);
  }
}
