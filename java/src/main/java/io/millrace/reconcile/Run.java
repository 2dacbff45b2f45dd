// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import java.util.Arrays;

/**
 * Backend ids that lie in the slot arena from {@code base} on: a set of backends, ascending, or a
 * ring of them.
 */
final class Run {
  /** No slot at all. */
  static final Run EMPTY = new Run(0, new int[0], true);

  private final int base;
  private final int[] ids;
  private boolean written;

  private Run(int base, int[] ids, boolean written) {
    this.base = base;
    this.ids = ids;
    this.written = written;
  }

  /** A new run, whose slots still have to be written. */
  static Run fresh(int base, int[] ids) {
    return new Run(base, ids, false);
  }

  /** A run that was found in the arena. */
  static Run found(int base, int[] ids) {
    return new Run(base, ids, true);
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

  int count() {
    return ids.length;
  }

  int[] ids() {
    return ids;
  }

  boolean holds(int[] wanted) {
    return Arrays.equals(ids, wanted);
  }
}
