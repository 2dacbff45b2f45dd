// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Who has which part of the slot arena: the smallest hole that fits, the lowest of those. A freed
 * run is reused only after a quarantine, since a packet under way may still read it. Nothing of
 * this is stored; at restart the runs in force are reserved again.
 */
final class SlotAllocator {
  private final TreeMap<Integer, Integer> holes = new TreeMap<>();
  private final TreeMap<Integer, TreeSet<Integer>> holesBySize = new TreeMap<>();
  private final Quarantine<Hole> freed;
  private final int capacity;
  private int used;

  private record Hole(int base, int count) {}

  SlotAllocator(int capacity, long quarantineNs) {
    this.capacity = capacity;
    freed = new Quarantine<>(quarantineNs);
    addHole(1, capacity - 1);
  }

  /** The base of {@code count} free slots; 0 if there is no such hole. */
  int take(int count) {
    Map.Entry<Integer, TreeSet<Integer>> fit = holesBySize.ceilingEntry(count);
    if (fit == null) {
      return 0;
    }
    int base = fit.getValue().first();
    int size = fit.getKey();
    removeHole(base, size);
    addHole(base + count, size - count);
    used += count;
    return base;
  }

  /**
   * Whether there is room for what can be done without: half of the arena stays free for what
   * cannot.
   */
  boolean hasSpare(int count) {
    return used + count <= capacity / 2;
  }

  /** Takes certain slots; false if any of them is taken or out of range. */
  boolean reserve(int base, int count) {
    if (base <= 0 || count <= 0 || count > capacity - base) {
      return false;
    }
    Map.Entry<Integer, Integer> hole = holes.floorEntry(base);
    if (hole == null || hole.getKey() + hole.getValue() < base + count) {
      return false;
    }
    int holeBase = hole.getKey();
    int holeSize = hole.getValue();
    removeHole(holeBase, holeSize);
    addHole(holeBase, base - holeBase);
    addHole(base + count, holeBase + holeSize - base - count);
    used += count;
    return true;
  }

  /** Gives slots back that no entry in the kernel names any more. */
  void free(int base, int count, long nowNs) {
    freed.add(new Hole(base, count), nowNs);
  }

  /** Gives slots back that were never named. */
  void undo(int base, int count) {
    release(new Hole(base, count));
  }

  void tick(long nowNs) {
    freed.release(nowNs, this::release);
  }

  long waitNs(long nowNs) {
    return freed.waitNs(nowNs);
  }

  /** Slots in use, quarantine included. */
  int used() {
    return used;
  }

  int holes() {
    return holes.size();
  }

  private void release(Hole hole) {
    used -= hole.count();
    int base = hole.base();
    int size = hole.count();
    Map.Entry<Integer, Integer> before = holes.lowerEntry(base);
    if (before != null && before.getKey() + before.getValue() == base) {
      base = before.getKey();
      size += before.getValue();
      removeHole(before.getKey(), before.getValue());
    }
    Map.Entry<Integer, Integer> after = holes.higherEntry(base);
    if (after != null && base + size == after.getKey()) {
      size += after.getValue();
      removeHole(after.getKey(), after.getValue());
    }
    addHole(base, size);
  }

  private void addHole(int base, int size) {
    if (size > 0) {
      holes.put(base, size);
      holesBySize.computeIfAbsent(size, key -> new TreeSet<>()).add(base);
    }
  }

  private void removeHole(int base, int size) {
    holes.remove(base);
    TreeSet<Integer> bases = holesBySize.get(size);
    if (bases != null) {
      bases.remove(base);
      if (bases.isEmpty()) {
        holesBySize.remove(size);
      }
    }
  }
}
