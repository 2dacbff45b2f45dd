// SPDX-License-Identifier: Apache-2.0
package io.millrace.fake;

import io.millrace.bpf.SlotArena;
import java.util.Arrays;

/** The slots of all services. */
final class FakeSlots implements SlotArena {
  private final FakeDataplane of;
  private final long[] slots;

  FakeSlots(FakeDataplane of, int capacity) {
    this.of = of;
    slots = new long[capacity];
  }

  @Override
  public int capacity() {
    return slots.length;
  }

  @Override
  public void write(int base, long[] values) {
    for (int i = 0; i < values.length; i++) {
      slots[base + i] = values[i];
      of.written("slots");
    }
  }

  @Override
  public long[] read(int base, int count) {
    return Arrays.copyOfRange(slots, base, base + count);
  }

  void spoil(int index, long value) {
    slots[index] = value;
  }
}
