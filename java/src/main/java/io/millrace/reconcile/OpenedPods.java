// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.compile.policy.PolicyTables;
import io.millrace.model.Ip;
import io.millrace.model.Problem;
import java.util.ArrayList;
import java.util.List;

/**
 * Which addresses of pods are to have an entry among the subjects, without which they are closed.
 */
final class OpenedPods {
  private final GuardedPods guarded;
  private final PolicyGuard guard;
  private final PolicyMaps maps;

  OpenedPods(GuardedPods guarded, PolicyGuard guard, PolicyMaps maps) {
    this.guarded = guarded;
    this.guard = guard;
    this.maps = maps;
  }

  /**
   * Whether a pod of this address is to have its entry. One that is not closed without has it at
   * once and keeps it, as else it would be open.
   */
  boolean has(Ip ip) {
    return guarded.has(ip) || !guard.closes(ip);
  }

  /** Whether others have entries than those that are to. */
  boolean differ(PolicyTables wanted) {
    int there = 0;
    for (Ip ip : wanted.subjects().keySet()) {
      boolean have = maps.subject(ip) != null;
      if (have != has(ip)) {
        return true;
      }
      there += have ? 1 : 0;
    }
    return there != maps.subjectCount();
  }

  /**
   * Takes out, without writing, the addresses that are no opened pods' any more; false if there are
   * none.
   */
  boolean removeOthers(PolicyTables wanted) {
    boolean any = false;

    for (boolean v6 : PolicyMaps.FAMILIES) {
      DeltaTable<Ip, SubjectEntry> delta = maps.subjects(v6).delta();
      for (Ip ip : delta.actualKeys()) {
        if (!wanted.subjects().containsKey(ip) || !has(ip)) {
          delta.remove(ip);
          any = true;
        }
      }
    }
    return any;
  }

  /**
   * Pods that are open until their policies are in force, since no range that is guarded has them.
   */
  List<Problem> problems(PolicyTables wanted) {
    List<Problem> all = new ArrayList<>();
    if (guard.unguardedRanges() > 0) {
      all.add(
          new Problem(
              "",
              "Node",
              "spec.podCIDRs",
              "more blocks than can be guarded: pods of the others are open until their policies are in force"));
    }
    List<Ip> outside =
        wanted.subjects().keySet().stream().filter(ip -> !guard.closes(ip)).sorted().toList();
    if (!outside.isEmpty()) {
      all.add(PolicyWords.outside(outside));
    }
    return all;
  }
}
