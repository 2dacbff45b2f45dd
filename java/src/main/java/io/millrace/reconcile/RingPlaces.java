// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

/**
 * How the places of a ring lie in the slot arena; see {@code bpf/abi.h}. What stands in a place is
 * the number of a backend in the set, from 1 on, so that eight places fit into a slot, or four if
 * the set is large.
 */
final class RingPlaces {
  /** A larger set has no ring: its backends would outnumber the places. */
  static final int BACKENDS_MAX = 65_535;

  private static final int BYTE_BACKENDS_MAX = 255;

  private RingPlaces() {}

  /** Places of a slot. */
  private static int each(int backends) {
    return backends <= BYTE_BACKENDS_MAX ? 8 : 4;
  }

  /** Slots that so many places take. */
  static int slots(int places, int backends) {
    int each = each(backends);
    return (places + each - 1) / each;
  }

  /**
   * @param numbers what stands in each place
   */
  static long[] pack(int[] numbers, int backends) {
    int each = each(backends);
    long[] slots = new long[slots(numbers.length, backends)];
    for (int i = 0; i < numbers.length; i++) {
      slots[i / each] |= (long) numbers[i] << (Long.SIZE / each * (i % each));
    }
    return slots;
  }

  /** The inverse of {@link #pack}. */
  static int[] unpack(long[] slots, int places, int backends) {
    int each = each(backends);
    int bits = Long.SIZE / each;
    int[] numbers = new int[places];
    for (int i = 0; i < places; i++) {
      numbers[i] = (int) (slots[i / each] >>> (bits * (i % each))) & ((1 << bits) - 1);
    }
    return numbers;
  }
}
