// SPDX-License-Identifier: Apache-2.0
package io.millrace.source;

import io.millrace.model.ClusterObject;
import io.millrace.model.ObjectKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Changes waiting for the control thread, at most one per object: the last one wins. So a burst
 * costs what its distinct objects cost, and the queue is bounded by the number of objects without
 * ever dropping one.
 */
public final class KeyedQueue {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition wake = lock.newCondition();
  private Map<ObjectKey, @Nullable ClusterObject> pending = new LinkedHashMap<>();
  private boolean woken;
  private long offered;

  /** Adds a change, or replaces the waiting one of the same object. */
  public void offer(Change change) {
    lock.lock();
    try {
      pending.put(change.key(), change.object());
      offered++;
      wake.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Lets a waiting {@link #drain} return, with or without changes. */
  public void wakeUp() {
    lock.lock();
    try {
      woken = true;
      wake.signal();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes everything, in the order in which the objects were first offered; waits up to {@code
   * timeoutNs} for something to come.
   *
   * @return empty after the time, or after {@link #wakeUp}
   * @throws InterruptedException if interrupted while waiting
   */
  public List<Change> drain(long timeoutNs) throws InterruptedException {
    Map<ObjectKey, @Nullable ClusterObject> taken;
    lock.lockInterruptibly();
    try {
      long left = timeoutNs;
      while (pending.isEmpty() && !woken && left > 0) {
        left = wake.awaitNanos(left);
      }
      woken = false;
      taken = pending;
      pending = new LinkedHashMap<>();
    } finally {
      lock.unlock();
    }
    List<Change> changes = new ArrayList<>(taken.size());
    taken.forEach((key, object) -> changes.add(new Change(key, object)));
    return changes;
  }

  /** As {@link #drain(long)} with another unit. */
  public List<Change> drain(long timeout, TimeUnit unit) throws InterruptedException {
    return drain(unit.toNanos(timeout));
  }

  /** Objects that wait. */
  public int size() {
    lock.lock();
    try {
      return pending.size();
    } finally {
      lock.unlock();
    }
  }

  /** Changes ever offered; the difference to those drained is what coalescing saved. */
  public long offered() {
    lock.lock();
    try {
      return offered;
    } finally {
      lock.unlock();
    }
  }
}
