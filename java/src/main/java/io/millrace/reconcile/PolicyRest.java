// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/**
 * What a packet that is under way may still go by: the sets and the side that pods have left. After
 * {@link #REST_NS} none is.
 */
final class PolicyRest {
  static final long REST_NS = 20_000_000L;

  /** How long upkeep waits for a moment without such packets before changes have to wait for it. */
  static final long PATIENCE_NS = 1_000_000_000L;

  private final Deque<Left> left = new ArrayDeque<>();
  private boolean sideLeft;
  private boolean postponed;
  private long postponedNs;

  private record Left(long untilNs, Set<Long> sets) {}

  /**
   * Pods have been told of something else.
   *
   * @param sets those that they went by until now
   * @param side whether they have left a side, too
   */
  void leave(Set<Long> sets, boolean side, long nowNs) {
    left.addLast(new Left(nowNs + REST_NS, sets));
    sideLeft |= side;
  }

  private void forget(long nowNs) {
    for (Left first = left.peekFirst();
        first != null && first.untilNs() - nowNs <= 0;
        first = left.peekFirst()) {
      left.removeFirst();
    }
    sideLeft &= !left.isEmpty();
  }

  /** Whether all packets go by what is in the kernel now. */
  boolean isOver(long nowNs) {
    forget(nowNs);
    return left.isEmpty();
  }

  /** Whether some may look at the side that does not count. */
  boolean isOfSide(long nowNs) {
    return !isOver(nowNs) && sideLeft;
  }

  /** Sets that some may go by, beside those that pods lead to. */
  Set<Long> sets(long nowNs) {
    forget(nowNs);
    Set<Long> all = new HashSet<>();
    left.forEach(each -> all.addAll(each.sets()));
    return all;
  }

  /** Until {@link #isOver}, if nothing else happens. */
  long waitNs(long nowNs) {
    return isOver(nowNs) ? 0 : left.getLast().untilNs() - nowNs;
  }

  /** Upkeep is due, and has to wait. */
  void postpone(long nowNs) {
    if (!postponed) {
      postponed = true;
      postponedNs = nowNs;
    }
  }

  /** Nothing waits any more. */
  void upkept() {
    postponed = false;
  }

  /** Whether upkeep comes first now. */
  boolean isOverdue(long nowNs) {
    return postponed && nowNs - postponedNs > PATIENCE_NS;
  }
}
