// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

/**
 * One table, as the agent sees it.
 *
 * @param map the name in {@code abi.h}
 * @param desired entries that should be there; freed backend ids that keep a generation count too
 * @param actual entries that are there
 * @param pending entries that still have to be written or deleted, now or after a grace period
 * @param capacity the most it holds
 * @param writes entries written or deleted since this agent started
 * @param drift entries that an audit found different from what had been written
 * @param failures entries that the kernel refused
 * @param errno why it refused the last of those that still wait; 0 if none waits
 */
public record MapStatus(
    String map,
    int desired,
    int actual,
    int pending,
    int capacity,
    long writes,
    long drift,
    long failures,
    int errno) {
  MapStatus withMorePending(int more) {
    return new MapStatus(
        map, desired, actual, pending + more, capacity, writes, drift, failures, errno);
  }
}
