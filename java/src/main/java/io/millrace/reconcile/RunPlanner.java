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
   * @param ringSize places of a ring, a prime, by the number of its backends
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
    if (!usesRing || all.count() < 2 || all.count() > RingPlaces.BACKENDS_MAX) {
      return new Runs(all, local, Run.EMPTY, 0);
    }
    Run ring = ring(state, all, targets, ids);
    return ring == null
        ? new Runs(all, local, Run.EMPTY, ringSlots(all))
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

  private int ringSlots(Run all) {
    return RingPlaces.slots(ringSize.applyAsInt(all.count()), all.count());
  }

  /** Ids of the endpoints in a set, ascending. */
  private static long[] pick(List<Target> targets, int[] ids, int set) {
    long[] picked = new long[ids.length];
    int count = 0;
    for (int i = 0; i < ids.length; i++) {
      if (targets.get(i).has(set)) {
        picked[count++] = ids[i];
      }
    }
    long[] sorted = Arrays.copyOf(picked, count);
    Arrays.sort(sorted);
    return sorted;
  }

  /** A run of these ids: one that is there, or a new one; null if there is no room. */
  private @Nullable Run set(FamilyState state, long[] ids, @Nullable Run sibling) {
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
    return base == 0 ? null : Run.fresh(base, ids, ids.length);
  }

  /**
   * The ring of a set: the one that is there if the set is, since an id keeps its meaning as long
   * as it is in a set; else computed, and found again or new. Null if there is no room.
   */
  private @Nullable Run ring(FamilyState state, Run all, List<Target> targets, int[] ids) {
    if (all == state.all() && state.ring().count() > 0) {
      return state.ring();
    }
    int size = ringSlots(all);
    if (!slots.hasSpare(size) && state.oldRuns().isEmpty()) {
      return null;
    }
    int[] places = places(all, targets, ids);
    long[] ring = RingPlaces.pack(places, all.count());
    Run known = state.holding(ring);
    if (known != null) {
      return known;
    }
    int base = slots.hasSpare(size) ? slots.take(size) : 0;
    return base == 0 ? null : Run.fresh(base, ring, places.length);
  }

  /** The numbers in a ring of the set {@code all}. */
  private int[] places(Run all, List<Target> targets, int[] ids) {
    List<Target> members = new ArrayList<>(all.count());
    int[] numbers = new int[all.count()];
    for (int i = 0; i < ids.length; i++) {
      if (targets.get(i).has(Target.ALL)) {
        numbers[members.size()] = Arrays.binarySearch(all.slots(), ids[i]) + 1;
        members.add(targets.get(i));
      }
    }
    int[] ring = MaglevTable.fill(ringSize.applyAsInt(all.count()), members);
    for (int i = 0; i < ring.length; i++) {
      ring[i] = numbers[ring[i]];
    }
    return ring;
  }
}
