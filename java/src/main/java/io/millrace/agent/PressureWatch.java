// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import java.util.concurrent.TimeUnit;

/** Makes of pressure that comes and goes with every collection something to tell people. */
final class PressureWatch {
  private static final long QUIET_NS = TimeUnit.SECONDS.toNanos(30);

  private boolean on;
  private long beganNs;
  private long lastNs;

  /** What a collection says about the ones before. */
  enum News {
    NONE,
    BEGAN,
    ENDED
  }

  News collected(boolean pressure, long nowNs) {
    if (pressure) {
      lastNs = nowNs;
      if (on) {
        return News.NONE;
      }
      on = true;
      beganNs = nowNs;
      return News.BEGAN;
    }
    if (!on || nowNs - lastNs < QUIET_NS) {
      return News.NONE;
    }
    on = false;
    return News.ENDED;
  }

  /** From the first to the last collection under pressure. */
  long lastedNs() {
    return lastNs - beganNs;
  }
}
