// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Bounds what one cause can write to the log. Not thread-safe. */
final class LogLimit {
  static final long WINDOW_NS = TimeUnit.SECONDS.toNanos(10);

  private final int perWindow;
  private final Runnable more;
  private final LongSupplier clockNs;
  private long windowNs;
  private int written;

  /**
   * @param perWindow lines in 10 s
   * @param more says, once in that time, that there are more which are not logged
   */
  LogLimit(int perWindow, Runnable more, LongSupplier clockNs) {
    this.perWindow = perWindow;
    this.more = more;
    this.clockNs = clockNs;
    windowNs = clockNs.getAsLong();
  }

  /** Writes the line, or does not. */
  void write(Runnable line) {
    long nowNs = clockNs.getAsLong();
    if (nowNs - windowNs >= WINDOW_NS) {
      windowNs = nowNs;
      written = 0;
    }
    written++;
    if (written <= perWindow) {
      line.run();
    } else if (written == perWindow + 1) {
      more.run();
    }
  }
}
