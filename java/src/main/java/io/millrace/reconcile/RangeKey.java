// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.model.Cidr;
import java.util.Comparator;

/** A key of ranges4 and ranges6: a block of the list with this id. */
record RangeKey(int list, Cidr block) implements Comparable<RangeKey> {
  private static final Comparator<RangeKey> ORDER =
      Comparator.comparingInt(RangeKey::list).thenComparing(RangeKey::block);

  @Override
  public int compareTo(RangeKey other) {
    return ORDER.compare(this, other);
  }
}
