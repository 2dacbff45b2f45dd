// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.kubernetes;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Time that passes only when somebody waits. */
final class FakeClock implements ApiClock {
  private long nowNs = 1_000_000;
  private final List<Long> sleptMs = new ArrayList<>();

  @Override
  public long nowNs() {
    return nowNs;
  }

  @Override
  public void sleep(long ns) {
    nowNs += ns;
    sleptMs.add(ns / 1_000_000);
  }

  void pass(Duration time) {
    nowNs += time.toNanos();
  }

  /** The waits so far. */
  List<Long> sleptMs() {
    return sleptMs;
  }
}
