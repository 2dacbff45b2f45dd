// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.model.Cidr;
import io.millrace.model.Ip;
import java.util.TreeSet;

/** What the blocks in the kernel say of an address or of a block: the longest prefix counts. */
final class BlockIndex {
  private final PolicyMaps maps;
  private final int side;
  private final int[] prefixes4;
  private final int[] prefixes6;

  /** As they are now, on one side. Others may be added without a new index if they say the same. */
  BlockIndex(PolicyMaps maps, int side) {
    this.maps = maps;
    this.side = side;
    prefixes4 = prefixes(false);
    prefixes6 = prefixes(true);
  }

  /** The class of an address that is no pod. */
  long of(Ip ip) {
    return longest(ip, ip.bits());
  }

  /** The class that a block would have if it were not there itself. */
  long around(Cidr block) {
    return longest(block.base(), block.prefix() - 1);
  }

  private long longest(Ip ip, int most) {
    for (int prefix : ip.isV6() ? prefixes6 : prefixes4) {
      if (prefix <= most) {
        Classes found = maps.blocks(ip.isV6()).delta().actual(new Cidr(ip, prefix));
        if (found != null) {
          return found.on(side);
        }
      }
    }
    return 0;
  }

  /** Those that occur, longest first. */
  private int[] prefixes(boolean v6) {
    TreeSet<Integer> lengths = new TreeSet<>();
    maps.blocks(v6).delta().forEachActual((block, classes) -> lengths.add(block.prefix()));
    return lengths.descendingSet().stream().mapToInt(Integer::intValue).toArray();
  }
}
