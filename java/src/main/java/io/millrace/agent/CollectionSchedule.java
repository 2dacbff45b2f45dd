// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import io.millrace.bpf.FlowRoom;
import io.millrace.bpf.GcStats;
import java.util.concurrent.TimeUnit;

/**
 * When a flow table is collected: at once, then every ten seconds; while little is left every
 * second, as long as that frees something and costs no more than a tenth of a processor.
 */
final class CollectionSchedule {
  private static final long LONGEST_NS = TimeUnit.SECONDS.toNanos(10);
  private static final long SHORTEST_NS = TimeUnit.SECONDS.toNanos(1);

  /** A collection is worth being repeated soon if it frees one entry of so many. */
  private static final int WORTHWHILE = 100;

  private static final int COST = 10;

  private boolean began;
  private long beganNs;
  private long gapNs = SHORTEST_NS;

  boolean isDue(long nowNs, FlowRoom room) {
    long sinceNs = nowNs - beganNs;
    return !began || sinceNs >= LONGEST_NS || (room.tight() && sinceNs >= gapNs);
  }

  /** A collection has been made. */
  void collected(long fromNs, long toNs, GcStats stats) {
    boolean vain = stats.pressure() && stats.freed() * WORTHWHILE < stats.scanned();
    began = true;
    beganNs = fromNs;
    gapNs = Math.max(vain ? gapNs * 2 : SHORTEST_NS, (toNs - fromNs) * COST);
    gapNs = Math.min(gapNs, LONGEST_NS);
  }
}
