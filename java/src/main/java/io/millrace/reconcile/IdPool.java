// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import java.util.BitSet;

/**
 * Small numbers from 1: the smallest free one first, and a freed one only after a quarantine, so
 * that a packet under way never meets a number with a new meaning.
 */
final class IdPool {
  private final int limit;
  private final BitSet used = new BitSet();
  private final Quarantine<Integer> freed;

  /** No smaller number is free. */
  private int lowest = 1;

  /** Numbers 1 … limit - 1. */
  IdPool(int limit, long quarantineNs) {
    this.limit = limit;
    freed = new Quarantine<>(quarantineNs);
    used.set(0);
  }

  /** A number; 0 if all are in use or in quarantine. */
  int take() {
    int id = used.nextClearBit(lowest);
    lowest = id;
    if (id >= limit) {
      return 0;
    }
    used.set(id);
    return id;
  }

  /** Takes a certain number; false if it is taken or out of range. */
  boolean reserve(int id) {
    if (id <= 0 || id >= limit || used.get(id)) {
      return false;
    }
    used.set(id);
    return true;
  }

  /** Gives a number back that nothing in the kernel names any more. */
  void free(int id, long nowNs) {
    freed.add(id, nowNs);
  }

  /** Gives a number back that was never used. */
  void undo(int id) {
    if (id > 0) {
      used.clear(id);
      lowest = Math.min(lowest, id);
    }
  }

  void tick(long nowNs) {
    freed.release(nowNs, this::undo);
  }

  long waitNs(long nowNs) {
    return freed.waitNs(nowNs);
  }

  /** Numbers in use, quarantine included. */
  int size() {
    return used.cardinality() - 1;
  }
}
