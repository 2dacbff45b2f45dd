// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.compile.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One address family of a ServicePort: its endpoints' ids and the runs that hold them. */
final class FamilyState {
  private static final int[] NO_IDS = new int[0];

  /** Endpoints in use, in order, and their backend ids. */
  private List<Target> targets = List.of();

  private int[] ids = NO_IDS;
  private Run all = Run.EMPTY;
  private Run local = Run.EMPTY;

  /** The ring of {@code all}; empty if no frontend uses one, or there was no room. */
  private Run ring = Run.EMPTY;

  /** Slots of the ring that there is no room for; 0 if nothing lacks. */
  private int lackingRing;

  /** Runs that a frontend may still lead to. */
  private final List<Run> oldRuns = new ArrayList<>(0);

  /** Backends that a frontend may still lead to, or whose grace period runs. */
  private final List<Retired> retired = new ArrayList<>(0);

  List<Target> targets() {
    return targets;
  }

  int[] ids() {
    return ids;
  }

  void addIds(Map<Target, Integer> to) {
    for (int i = 0; i < ids.length; i++) {
      to.put(targets.get(i), ids[i]);
    }
  }

  Run all() {
    return all;
  }

  Run local() {
    return local;
  }

  Run ring() {
    return ring;
  }

  int lackingRing() {
    return lackingRing;
  }

  void setLackingRing(int slots) {
    lackingRing = slots;
  }

  /** A run of this family that holds exactly these slots, whether in use or old. */
  @Nullable Run holding(long[] wanted) {
    for (Run run : List.of(all, local, ring)) {
      if (run.holds(wanted)) {
        return run;
      }
    }
    for (Run old : oldRuns) {
      if (old.holds(wanted)) {
        return old;
      }
    }
    return null;
  }

  /** Whether the run was there before the plan at hand. */
  boolean knows(Run run) {
    return run.count() == 0 || run == all || run == local || run == ring || oldRuns.contains(run);
  }

  List<Run> oldRuns() {
    return oldRuns;
  }

  List<Retired> retired() {
    return retired;
  }

  void setTargets(List<Target> newTargets, int[] newIds) {
    targets = newTargets;
    ids = newIds.length == 0 ? NO_IDS : newIds;
  }

  /**
   * Replaces the runs; those that are not used any more become old.
   *
   * @return runs that never were written, so that no frontend can lead to them
   */
  List<Run> setRuns(Run newAll, Run newLocal, Run newRing) {
    Run oldAll = all;
    Run oldLocal = local;
    Run oldRing = ring;
    all = newAll;
    local = newLocal;
    ring = newRing;
    oldRuns.removeAll(List.of(all, local, ring));
    List<Run> unused = new ArrayList<>(0);
    retireRun(oldAll, unused);
    if (oldLocal.base() != oldAll.base()) {
      retireRun(oldLocal, unused);
    }
    retireRun(oldRing, unused);
    return unused;
  }

  private void retireRun(Run run, List<Run> unused) {
    if (run.count() > 0
        && run.base() != all.base()
        && run.base() != local.base()
        && run.base() != ring.base()) {
      (run.isWritten() ? oldRuns : unused).add(run);
    }
  }

  /** Whether nothing of this family is in the kernel any more. */
  boolean isEmpty() {
    return ids.length == 0 && retired.isEmpty() && oldRuns.isEmpty() && all.count() == 0;
  }
}
