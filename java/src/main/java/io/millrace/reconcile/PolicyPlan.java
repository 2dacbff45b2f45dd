// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.compile.policy.Bits;
import io.millrace.compile.policy.PolicySet;
import io.millrace.compile.policy.PolicyTables;
import io.millrace.compile.policy.Subject;
import io.millrace.model.Ip;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What lies between the kernel and tables that should come into force: worked out of what is in the
 * kernel, so that it does not matter who left it there, or half-way to what.
 */
final class PolicyPlan {
  private final PolicyMaps maps;
  private final PolicyTables wanted;
  private final Predicate<Ip> guarded;

  /** The side that counts. */
  private final int side;

  private final ClassMoves moves;

  /** Moves that can be made before pods change sets: nothing goes by what they change. */
  private final Set<ClassSwap> early = new HashSet<>();

  /** How classes and sets get into force. */
  enum Way {
    /** Classes, then sets, on the side that counts: each verdict changes by one store at most. */
    IN_PLACE,

    /**
     * Likewise, but classes that only sets of before went by are changed when these have rested.
     */
    IN_PLACE_AND_LATER,

    /** Classes on the side that does not count, then pods go over to it with their new sets. */
    OTHER_SIDE,

    /** In place, once no packet is under way that goes by what pods have just left. */
    REST_FIRST
  }

  /**
   * @param side which classes count for the pods
   * @param guarded whether the programs stand at the pod with this address
   */
  PolicyPlan(
      PolicyMaps maps, PolicyTables wanted, int side, PolicyScope scope, Predicate<Ip> guarded) {
    this.maps = maps;
    this.wanted = wanted;
    this.side = side;
    this.guarded = guarded;
    moves = new ClassMoves(maps, wanted, side, scope);
  }

  /** The side that it starts from. */
  int side() {
    return side;
  }

  ClassMoves moves() {
    return moves;
  }

  /** Whether the classes of the side that counts are those that are wanted. */
  boolean isClassed() {
    return moves.isEmpty();
  }

  /**
   * Finds out how to go about it, with all rules wanted. A verdict that hangs on two stores would
   * have moments that are neither old nor new, unless one of the two alone changes nothing.
   *
   * @param leaving sets that pods have left just now
   */
  Way way(Set<Long> leaving) {
    early.clear();
    Set<Long> inUse = maps.setsInUse();
    inUse.addAll(leaving);
    for (ClassSwap swap : moves.swaps()) {
      if (isSame(swap, inUse)) {
        early.add(swap);
      }
    }
    if (early.size() == moves.swaps().size()) {
      return Way.IN_PLACE;
    }
    Set<ClassSwap> others = new HashSet<>(moves.swaps());
    others.removeAll(early);
    if (others.stream().allMatch(swap -> isSame(swap, wanted.sets().keySet()))) {
      return Way.IN_PLACE_AND_LATER;
    }
    if (subjectsChange() || !moves.areAddresses(others)) {
      return Way.OTHER_SIDE;
    }
    early.addAll(others);
    return leaving.isEmpty() ? Way.IN_PLACE : Way.REST_FIRST;
  }

  /** Whether a class has the rows of the other in all these sets. */
  private boolean isSame(ClassSwap swap, Collection<Long> sets) {
    for (long set : sets) {
      if (!row(swap, set, swap.from()).equals(row(swap, set, swap.to()))) {
        return false;
      }
    }
    return true;
  }

  private Bits row(ClassSwap swap, long set, long its) {
    Bits row =
        swap.ports()
            ? maps.setPorts().delta().desired(new SetPort(set, (int) its))
            : maps.setPeers().delta().desired(new SetPeer(set, its));
    return row == null ? Bits.NONE : row;
  }

  /** Whether a pod that has an entry is to have other sets. */
  private boolean subjectsChange() {
    for (Map.Entry<Ip, Subject> entry : wanted.subjects().entrySet()) {
      SubjectEntry have = maps.subject(entry.getKey());
      if (have != null && !have.hasSetsOf(entry(entry.getValue(), side))) {
        return true;
      }
    }
    return false;
  }

  private static SubjectEntry entry(Subject subject, int side) {
    return new SubjectEntry(subject.ingress(), subject.egress(), side);
  }

  /** Wants all sets, and rows for all their classes. */
  void wantRules(Map<Long, PolicySet> inForce) {
    for (PolicySet set : wanted.sets().values()) {
      if (set.equals(inForce.get(set.id()))) {
        continue; // and nothing of it is ever deleted while it is wanted
      }
      maps.sets().delta().set(set.id(), SetEntry.of(set));
      set.peerRows()
          .forEach((each, bits) -> maps.setPeers().delta().set(new SetPeer(set.id(), each), bits));
      set.portRows()
          .forEach((each, bits) -> maps.setPorts().delta().set(new SetPort(set.id(), each), bits));
    }
  }

  /** Wants the classes that can come before the sets, in place. */
  void wantInPlace() {
    moves.want(swap -> swap.from() == swap.to() || early.contains(swap));
  }

  /** Wants all classes, on the side that does not count. */
  void wantOtherSide() {
    new PolicySides(maps, wanted, moves.blockIndex(), side, moves.wantedCells()).want();
  }

  /** Where nobody looks at classes: wants all of them, on the side that will count. */
  void wantThisSide() {
    new PolicySides(maps, wanted, moves.blockIndex(), 1 - side, moves.wantedCells()).want();
  }

  /** Wants the pods' sets, with the classes of a side; pods that are not guarded have none. */
  void wantSubjects(int newSide) {
    wanted
        .subjects()
        .forEach(
            (ip, subject) -> {
              if (guarded.test(ip)) {
                maps.subjects(ip.isV6()).delta().set(ip, entry(subject, newSide));
              }
            });
  }

  /** Wants the pods that look at the other side to be closed until they look at this one. */
  void wantNobodyOnOtherSide() {
    for (boolean v6 : PolicyMaps.FAMILIES) {
      DeltaTable<Ip, SubjectEntry> delta = maps.subjects(v6).delta();
      for (Ip ip : delta.actualKeys()) {
        SubjectEntry have = delta.actual(ip);
        if (have != null && have.side() != side) {
          delta.remove(ip);
        }
      }
    }
  }

  /**
   * Whether somebody may lose access by what is wanted of classes and of subjects.
   *
   * @param closed whether an address is closed as long as it has no entry
   */
  boolean mayTakeAway(Predicate<Ip> closed) {
    for (boolean v6 : PolicyMaps.FAMILIES) {
      DeltaTable<Ip, SubjectEntry> delta = maps.subjects(v6).delta();
      for (Map.Entry<Ip, SubjectEntry> update : delta.pendingUpdates()) {
        SubjectEntry have = delta.actual(update.getKey());
        if (have == null && !closed.test(update.getKey())) {
          have = SubjectEntry.OPEN;
        }
        if (have != null
            && (takes(have.ingress(), update.getValue().ingress())
                || takes(have.egress(), update.getValue().egress()))) {
          return true;
        }
      }
    }
    return moves.swaps().stream().anyMatch(this::takes);
  }

  /** Another set may let less through, whatever is in it; none lets everything through. */
  private static boolean takes(long from, long to) {
    return from != to && to != 0;
  }

  /** Whether some set that stays has fewer rules for the new class than for the old one. */
  private boolean takes(ClassSwap swap) {
    for (PolicySet set : wanted.sets().values()) {
      Bits before = row(swap, set.id(), swap.from());
      if (!before.and(row(swap, set.id(), swap.to())).equals(before)) {
        return true;
      }
    }
    return false;
  }
}
