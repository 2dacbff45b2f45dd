// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

/**
 * What one collection of both flow tables saw and did; see {@code struct gc_args}.
 *
 * @param scanned entries looked at, both tables
 * @param live4 entries kept in flows4: its occupancy
 * @param live6 entries kept in flows6: its occupancy
 * @param expired entries deleted with their other half, both tables
 * @param orphans entries deleted alone, both tables
 * @param oldestSeconds since the last packet of the idlest kept entry of either table
 */
public record GcStats(
    long scanned, long live4, long live6, long expired, long orphans, long oldestSeconds) {
  /** Entries kept, both tables. */
  public long live() {
    return live4 + live6;
  }
}
