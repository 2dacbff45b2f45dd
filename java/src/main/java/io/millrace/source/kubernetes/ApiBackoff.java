// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.kubernetes;

import java.util.random.RandomGenerator;

/**
 * Waits between tries: doubled with each failure up to a limit, and anything from half of that to
 * all of it, so that the nodes of a cluster do not come back as one.
 */
final class ApiBackoff {
  private static final int MAX_DOUBLINGS = 20;

  private final ApiTimings timings;
  private final RandomGenerator random;
  private int failures;

  ApiBackoff(ApiTimings timings, RandomGenerator random) {
    this.timings = timings;
    this.random = random;
  }

  /** Notes a failure; returns how long to wait. */
  long failedNs() {
    long doubled = timings.firstBackoff().toNanos() << Math.min(failures, MAX_DOUBLINGS);
    failures++;
    long ns = Math.min(timings.maxBackoff().toNanos(), doubled);
    return (long) (ns * (0.5 + 0.5 * random.nextDouble()));
  }

  void succeeded() {
    failures = 0;
  }

  /** Failures since the last success. */
  int failures() {
    return failures;
  }
}
