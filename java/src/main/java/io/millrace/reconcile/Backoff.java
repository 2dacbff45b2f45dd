// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

/** When to try again after failures: 1 s, doubled up to 1 min. */
final class Backoff {
  private static final long FIRST_NS = 1_000_000_000L;
  private static final int MAX_DOUBLINGS = 6;

  private int failures;
  private long dueNs;

  /** Notes a failure at {@code nowNs}; one while already waiting changes nothing. */
  void failed(long nowNs) {
    if (failures == 0 || dueNs - nowNs <= 0) {
      dueNs = nowNs + (FIRST_NS << Math.min(failures, MAX_DOUBLINGS));
      failures++;
    }
  }

  void succeeded() {
    failures = 0;
  }

  boolean isWaiting() {
    return failures > 0;
  }

  /** Whether nothing has failed, or the time to try again has come. */
  boolean isDue(long nowNs) {
    return failures == 0 || dueNs - nowNs <= 0;
  }

  /** Nanoseconds until {@link #isDue}; {@link Long#MAX_VALUE} if nothing has failed. */
  long waitNs(long nowNs) {
    return failures == 0 ? Long.MAX_VALUE : Math.max(0, dueNs - nowNs);
  }
}
