// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

/**
 * What one collection of a flow table saw and did; see {@code struct gc_args}.
 *
 * @param scanned entries looked at
 * @param live entries kept: its occupancy
 * @param expired entries deleted with their other half
 * @param orphans entries deleted alone
 * @param oldestSeconds since the last packet of the idlest kept entry
 * @param pressure little was left, and flows that nobody has taken up were ended early
 */
public record GcStats(
    long scanned, long live, long expired, long orphans, long oldestSeconds, boolean pressure) {
  /** Of a table that was not looked at yet. */
  public static final GcStats NONE = new GcStats(0, 0, 0, 0, 0, false);

  /** Entries deleted. */
  public long freed() {
    return expired + orphans;
  }
}
