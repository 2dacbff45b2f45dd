// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.bpf.BatchResult;
import io.millrace.bpf.BpfException;
import io.millrace.bpf.BpfMap;
import io.millrace.bpf.abi.SockOff;
import io.millrace.bpf.abi.SockOffKey;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;

/**
 * {@code sock_off}: the network namespaces whose sockets are left alone, by cookie. Small, so that
 * entries are written one by one.
 *
 * <p>Not thread-safe; its owner need not be the control thread.
 */
public final class OptOutTable {
  private static final int OFF = 1;

  private final BpfMap map;
  private final ByteBuffer key = direct(SockOffKey.SIZE);
  private final ByteBuffer value = direct(SockOff.SIZE);
  private final Set<Long> actual = new TreeSet<>();
  private long writes;

  public OptOutTable(BpfMap map) {
    this.map = map;
  }

  /** Takes over what is in the kernel. */
  public void load() {
    actual.clear();
    map.forEach((found, ignored) -> actual.add(SockOffKey.netns(found, 0)));
  }

  /** The cookies that are in the kernel. */
  public Set<Long> actual() {
    return Collections.unmodifiableSet(actual);
  }

  /** Entries written or deleted since this agent started. */
  public long writes() {
    return writes;
  }

  /**
   * Writes what is missing, and deletes what is in {@code stale}.
   *
   * @throws BpfException if the kernel refuses; what was done before stays
   */
  public void apply(Set<Long> wanted, Set<Long> stale) {
    for (Long cookie : wanted) {
      if (!actual.contains(cookie)) {
        SockOffKey.netns(key, 0, cookie);
        SockOff.off(value, 0, OFF);
        check(map.update(key, value, 1), "write");
        actual.add(cookie);
        writes++;
      }
    }
    for (Long cookie : stale) {
      if (actual.contains(cookie)) {
        SockOffKey.netns(key, 0, cookie);
        check(map.delete(key, 1), "delete from");
        actual.remove(cookie);
        writes++;
      }
    }
  }

  private void check(BatchResult result, String operation) {
    if (!result.ok()) {
      throw new BpfException(result.errno(), operation, "the map " + map.name(), "");
    }
  }

  private static ByteBuffer direct(int size) {
    return ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
  }
}
