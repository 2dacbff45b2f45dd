// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.compile.policy.Bits;
import io.millrace.compile.policy.PolicySet;
import io.millrace.compile.policy.PolicyTables;
import io.millrace.compile.policy.Subject;
import io.millrace.model.Cidr;
import io.millrace.model.Ip;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What lies between the kernel and tables that should come into force: worked out of what is in the
 * kernel, so that it does not matter who left it there, or half-way to what.
 */
final class PolicyPlan {
  private static final boolean[] FAMILIES = {false, true};

  private final PolicyMaps maps;
  private final PolicyTables wanted;
  private final Predicate<Ip> guarded;

  /** The side that counts. */
  private final int side;

  private final BlockIndex blocks;
  private @Nullable Map<Integer, PortCell> cells;
  private final Map<Ip, Long> moved = new LinkedHashMap<>();
  private final Set<Change> changes = new HashSet<>();
  private boolean otherSide;

  /** An address that was of one class is of another. */
  private record Change(long from, long to) {}

  /**
   * @param side which classes count for the pods
   * @param candidates the only addresses that may have moved; null for all
   * @param guarded whether the programs stand at the pod with this address
   */
  PolicyPlan(
      PolicyMaps maps,
      PolicyTables wanted,
      int side,
      @Nullable Set<Ip> candidates,
      Predicate<Ip> guarded) {
    this.maps = maps;
    this.wanted = wanted;
    this.side = side;
    this.guarded = guarded;
    blocks = new BlockIndex(maps, side);
    if (candidates != null) {
      candidates.forEach(this::compare);
    } else {
      wanted.peers().keySet().forEach(this::compare);
      for (boolean v6 : FAMILIES) {
        maps.peers(v6).delta().actualKeys().forEach(this::compare);
      }
      boolean differ = blocksDiffer();
      otherSide = portsDiffer() || differ;
    }
  }

  /** The side that it starts from. */
  int side() {
    return side;
  }

  /** Whether the classes of the side that counts are those that are wanted. */
  boolean isClassed() {
    return moved.isEmpty() && !otherSide;
  }

  /**
   * Whether classes and sets must take effect at once, and therefore on the other side: a verdict
   * that hangs on two stores would have moments that are neither old nor new.
   */
  boolean needsOtherSide(boolean anySubjects) {
    return anySubjects && (otherSide || (!moved.isEmpty() && subjectsChange()));
  }

  private void compare(Ip ip) {
    long to = wanted.classOf(ip);
    long from = classNow(ip);
    if (from != to) {
      moved.put(ip, to);
      changes.add(new Change(from, to));
    }
  }

  private long classNow(Ip ip) {
    Classes have = maps.peers(ip.isV6()).delta().actual(ip);
    return have == null ? blocks.of(ip) : have.on(side);
  }

  private boolean blocksDiffer() {
    int before = changes.size();
    boolean[] differ = new boolean[1];
    for (Map.Entry<Cidr, Long> entry : wanted.blocks().entrySet()) {
      Cidr block = entry.getKey();
      Classes have = maps.blocks(block.base().isV6()).delta().actual(block);
      note(have == null ? blocks.around(block) : have.on(side), entry.getValue(), differ);
    }
    for (boolean v6 : FAMILIES) {
      maps.blocks(v6)
          .delta()
          .forEachActual(
              (block, have) -> note(have.on(side), PolicySides.wantedClass(wanted, block), differ));
    }
    return differ[0] || changes.size() != before;
  }

  private void note(long from, long to, boolean[] differ) {
    if (from != to) {
      changes.add(new Change(from, to));
      differ[0] = true;
    }
  }

  private boolean portsDiffer() {
    for (int i = 0; i < PolicyMaps.CELLS; i++) {
      PortCell have = maps.portCells().delta().actual(side * PolicyMaps.CELLS + i);
      if (!cells().getOrDefault(i, PortCell.NONE).equals(have == null ? PortCell.NONE : have)) {
        return true;
      }
    }
    return false;
  }

  private Map<Integer, PortCell> cells() {
    Map<Integer, PortCell> known = cells;
    if (known == null) {
      known = PortCell.all(wanted.ports());
      cells = known;
    }
    return known;
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

  /** Wants the addresses that moved to be of their new classes, in place. */
  void wantMoved() {
    moved.forEach((ip, to) -> maps.peers(ip.isV6()).delta().set(ip, Classes.both(to)));
  }

  /** Wants all classes, on the side that does not count. */
  void wantOtherSide() {
    new PolicySides(maps, wanted, blocks, side, cells()).want();
  }

  /** Where nobody looks at classes: wants all of them, on the side that will count. */
  void wantBothSides() {
    new PolicySides(maps, wanted, blocks, 1 - side, cells()).want();
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
    for (boolean v6 : FAMILIES) {
      DeltaTable<Ip, SubjectEntry> delta = maps.subjects(v6).delta();
      for (Ip ip : delta.actualKeys()) {
        SubjectEntry have = delta.actual(ip);
        if (have != null && have.side() != side) {
          delta.remove(ip);
        }
      }
    }
  }

  /** Whether somebody may lose access by what is wanted of classes and of subjects. */
  boolean mayTakeAway() {
    for (boolean v6 : FAMILIES) {
      DeltaTable<Ip, SubjectEntry> delta = maps.subjects(v6).delta();
      for (Map.Entry<Ip, SubjectEntry> update : delta.pendingUpdates()) {
        SubjectEntry have = delta.actual(update.getKey());
        if (have != null
            && (takes(have.ingress(), update.getValue().ingress())
                || takes(have.egress(), update.getValue().egress()))) {
          return true;
        }
      }
    }
    return changes.stream().anyMatch(this::takes);
  }

  /** Another set may let less through, whatever is in it; none lets everything through. */
  private static boolean takes(long from, long to) {
    return from != to && to != 0;
  }

  /** Whether some set has fewer rules for the new class than for the old one. */
  private boolean takes(Change change) {
    if (change.from() == 0) {
      return false;
    }
    for (PolicySet set : wanted.sets().values()) {
      Bits before = maps.setPeers().delta().desired(new SetPeer(set.id(), change.from()));
      Bits after = set.peerRows().getOrDefault(change.to(), Bits.NONE);
      if (before != null && !before.and(after).equals(before)) {
        return true;
      }
    }
    return false;
  }
}
