// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import io.millrace.admin.proto.ControlLoop;
import io.millrace.admin.proto.Drift;
import io.millrace.admin.proto.Status;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** What the control loop has done, for {@code status}. */
final class LoopStats {
  private final long startNs;
  private long syncedAfterNs;
  private long rounds;
  private long failures;
  private String lastFailure = "";
  private final ControlLoop.Builder last = ControlLoop.newBuilder();
  private final Drift.Builder drift = Drift.newBuilder();

  LoopStats(long startNs) {
    this.startNs = startNs;
  }

  void round(Engine.Round round, long latencyNs) {
    rounds++;
    last.setLastLatencyUs(TimeUnit.NANOSECONDS.toMicros(latencyNs))
        .setLastCompileUs(TimeUnit.NANOSECONDS.toMicros(round.compileNs()))
        .setLastApplyUs(TimeUnit.NANOSECONDS.toMicros(round.applyNs()));
    lastFailure = "";
  }

  void failed(String reason) {
    failures++;
    lastFailure = reason;
  }

  /** Notes that the kernel follows; returns whether it is the first time. */
  boolean synced(long nowNs) {
    boolean first = syncedAfterNs == 0;
    if (first) {
      syncedAfterNs = Math.max(1, nowNs - startNs);
    }
    return first;
  }

  long syncedAfterMs() {
    return (syncedAfterNs + 999_999) / 1_000_000;
  }

  void audited(long repaired) {
    drift
        .setChecks(drift.getChecks() + 1)
        .setRepaired(drift.getRepaired() + repaired)
        .setLastCheckUnixMs(System.currentTimeMillis());
  }

  Optional<String> lastFailure() {
    return lastFailure.isEmpty() ? Optional.empty() : Optional.of(lastFailure);
  }

  void describe(Status.Builder status) {
    status
        .setSyncedAfterMs(syncedAfterMs())
        .setDrift(drift.build())
        .setControlLoop(
            last.setRounds(rounds).setFailures(failures).setLastFailure(lastFailure).build());
  }
}
