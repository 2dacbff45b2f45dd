// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.compile.Target;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/** Finds a place in the slot arena for the sets of a port and for their ring. */
final class RunPlanner {
  private final SlotAllocator slots;
  private final IntUnaryOperator ringSize;

  /**
   * @param lackingRing slots of a ring that there is no room for; 0 if nothing lacks
   */
  record Runs(Run all, Run local, Run ring, int lackingRing) {
    static final Runs NONE = new Runs(Run.EMPTY, Run.EMPTY, Run.EMPTY, 0);
  }

  /**
   * @param ringSize slots of a ring, a prime, by the number of its backends
   */
  RunPlanner(SlotAllocator slots, IntUnaryOperator ringSize) {
    this.slots = slots;
    this.ringSize = ringSize;
  }

  /**
   * The runs of one family; null if the sets have no room. A ring that has none is left out: its
   * frontends choose at random, which needs no other slots.
   *
   * @param ids backend ids of {@code targets}
   */
  @Nullable Runs plan(
      FamilyState state, List<Target> targets, int[] ids, boolean usesLocal, boolean usesRing) {
    Run all = set(state, pick(targets, ids, Target.ALL), null);
    if (all == null) {
      return null;
    }
    Run local = set(state, pick(targets, ids, usesLocal ? Target.LOCAL : 0), all);
    if (local == null) {
      undo(state, all);
      return null;
    }
    if (!usesRing || all.count() < 2) {
      return new Runs(all, local, Run.EMPTY, 0);
    }
    Run ring = ring(state, all, targets, ids);
    return ring == null
        ? new Runs(all, local, Run.EMPTY, ringSize.applyAsInt(all.count()))
        : new Runs(all, local, ring, 0);
  }

  /** Takes a plan back that has not been committed. */
  void undo(FamilyState state, Runs runs) {
    undo(state, runs.all());
    if (runs.local().base() != runs.all().base()) {
      undo(state, runs.local());
    }
    undo(state, runs.ring());
  }

  /** Makes the plan the state of the family. */
  void commit(FamilyState state, Runs runs) {
    for (Run run : state.setRuns(runs.all(), runs.local(), runs.ring())) {
      slots.undo(run.base(), run.count());
    }
    state.setLackingRing(runs.lackingRing());
  }

  private void undo(FamilyState state, Run run) {
    if (!state.knows(run)) {
      slots.undo(run.base(), run.count());
    }
  }

  /** Ids of the endpoints in a set, ascending. */
  private static int[] pick(List<Target> targets, int[] ids, int set) {
    int[] picked = new int[ids.length];
    int count = 0;
    for (int i = 0; i < ids.length; i++) {
      if (targets.get(i).has(set)) {
        picked[count++] = ids[i];
      }
    }
    int[] sorted = Arrays.copyOf(picked, count);
    Arrays.sort(sorted);
    return sorted;
  }

  /** A run of these ids: one that is there, or a new one; null if there is no room. */
  private @Nullable Run set(FamilyState state, int[] ids, @Nullable Run sibling) {
    if (ids.length == 0) {
      return Run.EMPTY;
    }
    if (sibling != null && sibling.holds(ids)) {
      return sibling;
    }
    Run known = state.holding(ids);
    if (known != null) {
      return known;
    }
    int base = slots.take(ids.length);
    return base == 0 ? null : Run.fresh(base, ids);
  }

  /**
   * The ring of a set: the one that is there if the set is, since an id keeps its meaning as long
   * as it is in a set; else computed, and found again or new. Null if there is no room.
   */
  private @Nullable Run ring(FamilyState state, Run all, List<Target> targets, int[] ids) {
    if (all == state.all() && state.ring().count() > 0) {
      return state.ring();
    }
    int size = ringSize.applyAsInt(all.count());
    if (!slots.hasSpare(size) && state.oldRuns().isEmpty()) {
      return null;
    }
    List<Target> members = new ArrayList<>(all.count());
    int[] memberIds = new int[all.count()];
    for (int i = 0; i < ids.length; i++) {
      if (targets.get(i).has(Target.ALL)) {
        memberIds[members.size()] = ids[i];
        members.add(targets.get(i));
      }
    }
    int[] ring = MaglevTable.fill(size, members);
    for (int i = 0; i < ring.length; i++) {
      ring[i] = memberIds[ring[i]];
    }
    Run known = state.holding(ring);
    if (known != null) {
      return known;
    }
    int base = slots.hasSpare(size) ? slots.take(size) : 0;
    return base == 0 ? null : Run.fresh(base, ring);
  }
}
