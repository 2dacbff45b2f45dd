// SPDX-License-Identifier: Apache-2.0
package io.millrace.fake;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** For what another thread does in its own time, and a test cannot be told of. */
public final class Await {
  private static final long LIMIT_NS = TimeUnit.SECONDS.toNanos(20);

  private Await() {}

  /**
   * Returns once it is so.
   *
   * @param what for the one who reads that it never was
   */
  public static void until(String what, BooleanSupplier condition) {
    long endNs = System.nanoTime() + LIMIT_NS;
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("not in time: %s", what).isLessThan(endNs);
      LockSupport.parkNanos(1_000_000);
    }
  }
}
