// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.bpf.abi.Abi;
import io.millrace.model.Cidr;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The value of guard.
 *
 * @param flags {@code enum guard_flag}
 * @param epoch flows of another one are judged again; 0 = policies have never been in force
 * @param ranges4 one for each place, null where there is none
 * @param ranges6 likewise
 */
record GuardEntry(int flags, int epoch, List<Range> ranges4, List<Range> ranges6) {
  /** A place without a range. */
  static final Range NOWHERE = new Range(null, false);

  /** What nobody has written. */
  static final GuardEntry NOTHING =
      new GuardEntry(
          0,
          0,
          Collections.nCopies(Abi.GUARD_RANGES, NOWHERE),
          Collections.nCopies(Abi.GUARD_RANGES, NOWHERE));

  GuardEntry {
    ranges4 = List.copyOf(ranges4);
    ranges6 = List.copyOf(ranges6);
  }

  /**
   * A place for a range.
   *
   * @param block null: the place is empty
   * @param counts false: only its base is there, the mask is 0
   */
  record Range(@Nullable Cidr block, boolean counts) {}

  boolean has(int flag) {
    return (flags & flag) != 0;
  }

  List<Range> ranges(boolean v6) {
    return v6 ? ranges6 : ranges4;
  }

  GuardEntry withRanges(boolean v6, List<Range> ranges) {
    return v6
        ? new GuardEntry(flags, epoch, ranges4, ranges)
        : new GuardEntry(flags, epoch, ranges, ranges6);
  }

  GuardEntry with(int newFlags, int newEpoch) {
    return new GuardEntry(newFlags, newEpoch, ranges4, ranges6);
  }
}
