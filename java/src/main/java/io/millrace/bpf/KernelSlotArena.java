// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

import io.millrace.bpf.jni.Native;
import java.util.Objects;

/** The slot array of the kernel, in shared memory. */
final class KernelSlotArena implements SlotArena {
  private final Handle owner;
  private final int capacity;

  KernelSlotArena(Handle owner) {
    this.owner = owner;
    capacity = Native.arenaCapacity(owner.get());
  }

  @Override
  public int capacity() {
    return capacity;
  }

  @Override
  public void write(int base, long[] values) {
    Objects.checkFromIndexSize(base, values.length, capacity);
    Calls.check(Native.arenaStore(owner.get(), base, values), "write slots from", "" + base);
  }

  @Override
  public long[] read(int base, int count) {
    Objects.checkFromIndexSize(base, count, capacity);
    long[] values = new long[count];
    Calls.check(Native.arenaLoad(owner.get(), base, values), "read slots from", "" + base);
    return values;
  }
}
