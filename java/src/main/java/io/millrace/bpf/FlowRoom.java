// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

/**
 * How many more entries a flow table takes before new flows are limited; see {@code struct room}.
 *
 * @param left entries; negative: flows are limited
 * @param low with less left a collection is due at once
 */
public record FlowRoom(long left, long low) {
  /** Whether flows that nobody has taken up have to make way. */
  public boolean tight() {
    return left < low;
  }
}
