// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import java.util.concurrent.TimeUnit;

/**
 * When to act on changes: at once after a quiet time, so that a single change is in the kernel
 * within milliseconds; in a burst when it pauses, and at the latest when it has lasted too long.
 *
 * <p>Urgent changes wait for neither, but as long as the last ones took: half of the time is left.
 */
final class Debounce {
  private static final long IDLE_NS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long QUIET_NS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final long LONGEST_NS = TimeUnit.MILLISECONDS.toNanos(100);

  private boolean pending;
  private boolean urgent;
  private boolean acted;
  private long actedNs;
  private long tookNs;
  private long firstNs;
  private long lastNs;

  /** A change has come. */
  void changed(boolean isUrgent, long nowNs) {
    if (!pending) {
      pending = true;
      firstNs = nowNs;
    }
    urgent |= isUrgent;
    lastNs = nowNs;
  }

  /** Changes have been acted on, from then until now. */
  void acted(long beganNs, long nowNs) {
    pending = false;
    urgent = false;
    acted = true;
    tookNs = nowNs - beganNs;
    actedNs = nowNs;
  }

  boolean pending() {
    return pending;
  }

  /** When the first of the pending changes came. */
  long firstNs() {
    return firstNs;
  }

  /** How long to wait until it is time to act: 0 = now, {@code Long.MAX_VALUE} = nothing to do. */
  long waitNs(long nowNs) {
    if (!pending) {
      return Long.MAX_VALUE;
    }
    if (!acted || firstNs - actedNs > IDLE_NS) {
      return 0;
    }
    long wait = Math.min(lastNs + QUIET_NS, firstNs + LONGEST_NS) - nowNs;
    if (urgent) {
      wait = Math.min(wait, actedNs + tookNs - nowNs);
    }
    return Math.max(0, wait);
  }
}
