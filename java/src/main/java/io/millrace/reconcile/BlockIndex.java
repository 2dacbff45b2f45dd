// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.compile.policy.PolicyTables;
import io.millrace.model.Cidr;
import io.millrace.model.Ip;
import java.util.Collection;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What blocks say of an address or of a block: the longest prefix counts. */
final class BlockIndex {
  private final Function<Cidr, @Nullable Long> classOf;
  private final int[] prefixes4;
  private final int[] prefixes6;

  /**
   * @param classOf of one of the blocks; null of others
   */
  private BlockIndex(
      Collection<Cidr> blocks4, Collection<Cidr> blocks6, Function<Cidr, @Nullable Long> classOf) {
    this.classOf = classOf;
    prefixes4 = lengths(blocks4, false);
    prefixes6 = lengths(blocks6, true);
  }

  /**
   * As the kernel says now, on one side. Others may be added without a new index if they say the
   * same.
   */
  static BlockIndex of(PolicyMaps maps, int side) {
    return new BlockIndex(
        maps.blocks(false).delta().actualKeys(),
        maps.blocks(true).delta().actualKeys(),
        block -> {
          Classes found = maps.blocks(block.base().isV6()).delta().actual(block);
          return found == null ? null : found.on(side);
        });
  }

  /** As tables say. */
  static BlockIndex of(PolicyTables tables) {
    Collection<Cidr> blocks = tables.blocks().keySet();
    return new BlockIndex(blocks, blocks, tables.blocks()::get);
  }

  /** The class of an address that is no pod. */
  long of(Ip ip) {
    return longest(ip, ip.bits());
  }

  /** The class that a block has, whether it is there itself or not. */
  long of(Cidr block) {
    return longest(block.base(), block.prefix());
  }

  /** The class that a block would have if it were not there itself. */
  long around(Cidr block) {
    return longest(block.base(), block.prefix() - 1);
  }

  private long longest(Ip ip, int most) {
    for (int prefix : ip.isV6() ? prefixes6 : prefixes4) {
      if (prefix <= most) {
        Long found = classOf.apply(new Cidr(ip, prefix));
        if (found != null) {
          return found;
        }
      }
    }
    return 0;
  }

  /** Those that occur, longest first. */
  private static int[] lengths(Collection<Cidr> blocks, boolean v6) {
    return blocks.stream()
        .filter(block -> block.base().isV6() == v6)
        .mapToInt(block -> -block.prefix())
        .distinct()
        .sorted()
        .map(length -> -length)
        .toArray();
  }
}
