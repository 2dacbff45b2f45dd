// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

/**
 * The {@code slots} array: runs of backend ids and rings, reached through shared memory without a
 * system call. It stores; who gets which run is decided by its caller.
 */
public interface SlotArena {
  /** Number of slots. Slot 0 is never part of a run. */
  int capacity();

  /** Stores {@code values} at {@code base} …; visible to programs when this returns. */
  void write(int base, long[] values);

  /** The {@code count} slots from {@code base}. */
  long[] read(int base, int count);
}
