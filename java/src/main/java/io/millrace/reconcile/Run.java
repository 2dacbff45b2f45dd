// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import java.util.Arrays;

/**
 * What lies in the slot arena from {@code base} on: the backend ids of a set, ascending, or a
 * ring's places.
 */
final class Run {
  /** No slot at all. */
  static final Run EMPTY = new Run(0, new long[0], 0, true);

  private final int base;
  private final long[] slots;
  private final int choices;
  private boolean written;

  private Run(int base, long[] slots, int choices, boolean written) {
    this.base = base;
    this.slots = slots;
    this.choices = choices;
    this.written = written;
  }

  /**
   * A new run, whose slots still have to be written.
   *
   * @param choices what a program chooses from: the ids of a set, the places of a ring
   */
  static Run fresh(int base, long[] slots, int choices) {
    return new Run(base, slots, choices, false);
  }

  /** A run that was found in the arena. */
  static Run found(int base, long[] slots, int choices) {
    return new Run(base, slots, choices, true);
  }

  boolean isWritten() {
    return written;
  }

  void markWritten() {
    written = true;
  }

  int base() {
    return base;
  }

  /** Slots that it takes. */
  int count() {
    return slots.length;
  }

  int choices() {
    return choices;
  }

  long[] slots() {
    return slots;
  }

  boolean holds(long[] wanted) {
    return Arrays.equals(slots, wanted);
  }
}
