// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/**
 * Address blocks, asked by address. A question costs one look per length of prefix that occurs, of
 * which a cluster has two or three however many nodes it has. Immutable.
 */
public final class CidrSet {
  /** No block at all. */
  public static final CidrSet EMPTY = new CidrSet(Set.of());

  private final Set<Cidr> blocks;
  private final int[] prefixes4;
  private final int[] prefixes6;

  private CidrSet(Set<Cidr> blocks) {
    this.blocks = blocks;
    prefixes4 = prefixes(blocks, true);
    prefixes6 = prefixes(blocks, false);
  }

  public static CidrSet of(Collection<Cidr> blocks) {
    return blocks.isEmpty() ? EMPTY : new CidrSet(Set.copyOf(blocks));
  }

  /** The blocks as given, each once. */
  public Set<Cidr> blocks() {
    return blocks;
  }

  /** Whether one of the blocks has this address in it. */
  public boolean contains(Ip ip) {
    for (int prefix : ip.isV4() ? prefixes4 : prefixes6) {
      if (blocks.contains(new Cidr(ip, prefix))) {
        return true;
      }
    }
    return false;
  }

  /** The blocks that only one of the two has. */
  public CidrSet difference(CidrSet other) {
    Set<Cidr> either = new HashSet<>(blocks);
    either.addAll(other.blocks);
    either.removeIf(block -> blocks.contains(block) && other.blocks.contains(block));
    return of(either);
  }

  private static int[] prefixes(Set<Cidr> blocks, boolean v4) {
    return blocks.stream()
        .filter(block -> block.base().isV4() == v4)
        .mapToInt(Cidr::prefix)
        .distinct()
        .sorted()
        .toArray();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof CidrSet set && blocks.equals(set.blocks);
  }

  @Override
  public int hashCode() {
    return blocks.hashCode();
  }

  @Override
  public String toString() {
    Cidr[] sorted = blocks.toArray(Cidr[]::new);
    Arrays.sort(sorted);
    return Arrays.toString(sorted);
  }
}
