// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.compile.policy.PolicyTables;
import io.millrace.model.Cidr;
import io.millrace.model.Ip;
import java.util.Map;

/**
 * Wants the classes of tables on one side of peers, blocks and ports, and nothing else of the other
 * side than there is: a new entry says there what was said of its address without it.
 */
final class PolicySides {
  private final PolicyMaps maps;
  private final PolicyTables wanted;
  private final BlockIndex blocks;
  private final BlockIndex wantedBlocks;
  private final int kept;
  private final Map<Integer, PortCell> cells;

  /**
   * @param blocks what the kernel says on the side that is kept
   * @param kept the side that stays as it is
   * @param cells what is wanted of port_cells, by the index within a side
   */
  PolicySides(
      PolicyMaps maps,
      PolicyTables wanted,
      BlockIndex blocks,
      int kept,
      Map<Integer, PortCell> cells) {
    this.maps = maps;
    this.wanted = wanted;
    wantedBlocks = BlockIndex.of(wanted);
    this.blocks = blocks;
    this.kept = kept;
    this.cells = cells;
  }

  void want() {
    wantPeers();
    wantBlocks();
    for (int i = 0; i < PolicyMaps.CELLS; i++) {
      maps.wantCell((1 - kept) * PolicyMaps.CELLS + i, cells.getOrDefault(i, PortCell.NONE));
    }
  }

  private void wantPeers() {
    for (boolean v6 : PolicyMaps.FAMILIES) {
      DeltaTable<Ip, Classes> delta = maps.peers(v6).delta();
      for (Ip ip : delta.actualKeys()) {
        if (!wanted.peers().containsKey(ip)) {
          want(delta, ip, wantedBlocks.of(ip), 0);
        }
      }
    }
    wanted
        .peers()
        .forEach((ip, each) -> want(maps.peers(ip.isV6()).delta(), ip, each, blocks.of(ip)));
  }

  private void wantBlocks() {
    for (boolean v6 : PolicyMaps.FAMILIES) {
      DeltaTable<Cidr, Classes> delta = maps.blocks(v6).delta();
      for (Cidr block : delta.actualKeys()) {
        if (!wanted.blocks().containsKey(block)) {
          want(delta, block, wantedBlocks.of(block), 0);
        }
      }
    }
    wanted
        .blocks()
        .forEach(
            (block, each) ->
                want(maps.blocks(block.base().isV6()).delta(), block, each, blocks.around(block)));
  }

  private <K> void want(DeltaTable<K, Classes> delta, K key, long wantedClass, long before) {
    Classes have = delta.actual(key);
    Classes base = have == null ? Classes.both(before) : have;
    delta.set(key, base.with(1 - kept, wantedClass));
  }
}
