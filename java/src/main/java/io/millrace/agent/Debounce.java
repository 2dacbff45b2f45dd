// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import java.util.concurrent.TimeUnit;

/**
 * When to act on changes: at once after a quiet time, so that a single change is in the kernel
 * within milliseconds; in a burst when it pauses, and at the latest when it has lasted too long.
 */
final class Debounce {
  private static final long IDLE_NS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long QUIET_NS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final long LONGEST_NS = TimeUnit.MILLISECONDS.toNanos(100);

  private boolean pending;
  private boolean acted;
  private long actedNs;
  private long firstNs;
  private long lastNs;

  /** A change has come. */
  void changed(long nowNs) {
    if (!pending) {
      pending = true;
      firstNs = nowNs;
    }
    lastNs = nowNs;
  }

  /** Changes have been acted on. */
  void acted(long nowNs) {
    pending = false;
    acted = true;
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
    long quiet = lastNs + QUIET_NS - nowNs;
    long longest = firstNs + LONGEST_NS - nowNs;
    return Math.max(0, Math.min(quiet, longest));
  }
}
