// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/** Waits between tries: 1 s, 2 s, 4 s … 32 s, each give or take a fifth. */
final class Backoff {
  private static final long FIRST_NS = TimeUnit.SECONDS.toNanos(1);
  private static final int DOUBLINGS = 5;

  private final RandomGenerator random;
  private int failures;
  private long dueNs;

  Backoff(RandomGenerator random) {
    this.random = random;
  }

  void failed(long nowNs) {
    dueNs = nowNs + jitter(FIRST_NS << Math.min(failures, DOUBLINGS), random);
    failures++;
  }

  void succeeded() {
    failures = 0;
  }

  boolean waiting() {
    return failures > 0;
  }

  /** Until the next try; {@code Long.MAX_VALUE} = none is needed. */
  long waitNs(long nowNs) {
    return failures == 0 ? Long.MAX_VALUE : Math.max(0, dueNs - nowNs);
  }

  /** {@code ns}, give or take a fifth. */
  static long jitter(long ns, RandomGenerator random) {
    return (long) (ns * (0.8 + 0.4 * random.nextDouble()));
  }
}
