// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile.policy;

import io.millrace.model.Cidr;
import io.millrace.model.Ip;
import io.millrace.model.PolicyState.Block;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The prefixes that occur in blocks and excepts, and which blocks hold where each is the longest.
 */
final class BlockTree {
  private final Set<Atom> blocks;
  private final TreeMap<Cidr, Node> nodes = new TreeMap<>();

  /** A prefix, and the next longer one around it. */
  private record Node(Cidr prefix, @Nullable Node around, AtomSet atoms) {}

  /**
   * @param blocks atoms that ask for blocks, and for all addresses in them
   */
  BlockTree(Set<Atom> blocks, Coverage coverage, AtomSet.Pool pool) {
    this.blocks = blocks;
    Map<Cidr, List<Atom>> byCidr = new HashMap<>();
    TreeSet<Cidr> prefixes = new TreeSet<>();
    for (Atom atom : blocks) {
      Block block = atom.block();
      if (block != null) {
        byCidr.computeIfAbsent(block.cidr(), cidr -> new ArrayList<>(1)).add(atom);
        prefixes.add(block.cidr());
        prefixes.addAll(block.excepts());
      }
    }
    // In this order a prefix comes after all that it is in.
    for (Cidr prefix : prefixes) {
      Node around = find(prefix.base());
      List<Atom> covering = new ArrayList<>(byCidr.getOrDefault(prefix, List.of()));
      for (Node node = around; node != null; node = node.around()) {
        covering.addAll(byCidr.getOrDefault(node.prefix(), List.of()));
      }
      nodes.put(prefix, new Node(prefix, around, pool.of(coverage.blocks(prefix, covering))));
    }
  }

  /** What it was made from. */
  Set<Atom> blocks() {
    return blocks;
  }

  /** The blocks that an address is in. */
  AtomSet at(Ip ip) {
    Node node = find(ip);
    return node == null ? AtomSet.Pool.NONE : node.atoms();
  }

  /** All prefixes, and the blocks where each is the longest. */
  Map<Cidr, AtomSet> prefixes() {
    Map<Cidr, AtomSet> prefixes = new TreeMap<>();
    nodes.forEach((prefix, node) -> prefixes.put(prefix, node.atoms()));
    return prefixes;
  }

  /** The longest prefix of an address. */
  private @Nullable Node find(Ip ip) {
    Map.Entry<Cidr, Node> last = nodes.floorEntry(new Cidr(ip, ip.bits()));
    Node node = last == null ? null : last.getValue();
    while (node != null && !node.prefix().contains(ip)) {
      node = node.around();
    }
    return node;
  }
}
