// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.bpf.abi.Abi;
import io.millrace.compile.policy.PolicyTables;
import io.millrace.model.Cidr;
import io.millrace.model.Ip;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Classes on the side that counts that are not those that are wanted. */
final class ClassMoves {
  private final PolicyMaps maps;
  private final PolicyTables wanted;
  private final int side;
  private final BlockIndex blockIndex;
  private final BlockIndex wantedBlocks;
  private final Map<Ip, ClassSwap> addresses = new LinkedHashMap<>();
  private final Map<Cidr, ClassSwap> blocks = new LinkedHashMap<>();
  private final Map<Integer, PortCell> cells = new LinkedHashMap<>();
  private final Set<ClassSwap> swaps = new HashSet<>();
  private @Nullable Map<Integer, PortCell> wantedCells;

  ClassMoves(PolicyMaps maps, PolicyTables wanted, int side, PolicyScope scope) {
    this.maps = maps;
    this.wanted = wanted;
    this.side = side;
    blockIndex = BlockIndex.of(maps, side);
    wantedBlocks = BlockIndex.of(wanted);
    if (scope.hasEverything()) {
      wanted.peers().keySet().forEach(this::compare);
    } else {
      scope.addresses().forEach(this::compare);
    }
    if (scope.hasBlocks()) {
      compareBlocks();
      compareLeaving();
    }
    if (scope.hasPorts()) {
      comparePorts();
    }
  }

  boolean isEmpty() {
    return swaps.isEmpty();
  }

  /** Every kind of move there is, once. */
  Set<ClassSwap> swaps() {
    return swaps;
  }

  /** What blocks say in the kernel. */
  BlockIndex blockIndex() {
    return blockIndex;
  }

  Set<Ip> addresses() {
    return addresses.keySet();
  }

  /** Whether only pods' addresses make these moves: each of them is one store. */
  boolean areAddresses(Set<ClassSwap> some) {
    return some.stream().noneMatch(ClassSwap::ports)
        && blocks.values().stream().noneMatch(some::contains);
  }

  boolean hasBlocks() {
    return !blocks.isEmpty();
  }

  boolean hasPorts() {
    return !cells.isEmpty();
  }

  private void compare(Ip ip) {
    Classes have = maps.peers(ip.isV6()).delta().actual(ip);
    long from = have == null ? blockIndex.of(ip) : have.on(side);
    boolean comes = have == null && wanted.peers().containsKey(ip);
    note(addresses, ip, comes, from, wantedClass(ip));
  }

  private long wantedClass(Ip ip) {
    Long pod = wanted.peers().get(ip);
    return pod != null ? pod : wantedBlocks.of(ip);
  }

  /**
   * Addresses that are no pods' any more go by blocks, but by their entries until these are
   * deleted.
   */
  private void compareLeaving() {
    for (boolean v6 : PolicyMaps.FAMILIES) {
      maps.peers(v6)
          .delta()
          .forEachActual(
              (ip, have) -> {
                if (!wanted.peers().containsKey(ip)) {
                  compare(ip);
                }
              });
    }
  }

  private void compareBlocks() {
    wanted
        .blocks()
        .forEach(
            (block, to) -> {
              Classes have = maps.blocks(block.base().isV6()).delta().actual(block);
              long from = have == null ? blockIndex.around(block) : have.on(side);
              note(blocks, block, have == null, from, to);
            });
    for (boolean v6 : PolicyMaps.FAMILIES) {
      maps.blocks(v6)
          .delta()
          .forEachActual(
              (block, have) -> note(blocks, block, false, have.on(side), wantedBlocks.of(block)));
    }
  }

  private <K> void note(Map<K, ClassSwap> into, K key, boolean comes, long from, long to) {
    ClassSwap swap = new ClassSwap(false, from, to);
    if (from != to) {
      swaps.add(swap);
    }
    if (from != to || comes) {
      into.put(key, swap);
    }
  }

  private void comparePorts() {
    for (int i = 0; i < PolicyMaps.CELLS; i++) {
      PortCell have = cellNow(i);
      PortCell want = wantedCells().getOrDefault(i, PortCell.NONE);
      if (!want.equals(have)) {
        cells.put(i, want);
        for (int at = 0; at < Abi.PORT_CELL; at++) {
          if (have.at(at) != want.at(at)) {
            swaps.add(new ClassSwap(true, have.at(at), want.at(at)));
          }
        }
      }
    }
  }

  private PortCell cellNow(int index) {
    PortCell have = maps.portCells().delta().actual(side * PolicyMaps.CELLS + index);
    return have == null ? PortCell.NONE : have;
  }

  /** What is wanted of port_cells, by the index within a side. */
  Map<Integer, PortCell> wantedCells() {
    Map<Integer, PortCell> known = wantedCells;
    if (known == null) {
      known = PortCell.all(wanted.ports());
      wantedCells = known;
    }
    return known;
  }

  /**
   * Wants some of the moves, in place. Whatever comes is there with its class of now otherwise, so
   * that it does not follow a block around it; longer prefixes come first for the same reason.
   */
  void want(Predicate<ClassSwap> which) {
    List<Map.Entry<Cidr, ClassSwap>> inOrder = new ArrayList<>(blocks.entrySet());
    inOrder.sort(Comparator.comparingInt(each -> -each.getKey().prefix()));
    for (Map.Entry<Cidr, ClassSwap> each : inOrder) {
      Cidr block = each.getKey();
      want(maps.blocks(block.base().isV6()).delta(), block, each.getValue(), which);
    }
    addresses.forEach((ip, swap) -> want(maps.peers(ip.isV6()).delta(), ip, swap, which));
    cells.forEach(
        (index, want) ->
            maps.wantCell(side * PolicyMaps.CELLS + index, mixed(cellNow(index), want, which)));
  }

  private static <K> void want(
      DeltaTable<K, Classes> delta, K key, ClassSwap swap, Predicate<ClassSwap> which) {
    if (which.test(swap)) {
      delta.set(key, Classes.both(swap.to()));
    } else if (delta.actual(key) == null) {
      delta.set(key, Classes.both(swap.from()));
    }
  }

  /** Each port is a word of its own, which is stored at once. */
  private static PortCell mixed(PortCell have, PortCell want, Predicate<ClassSwap> which) {
    int[] ports = new int[Abi.PORT_CELL];
    for (int at = 0; at < ports.length; at++) {
      boolean moves = which.test(new ClassSwap(true, have.at(at), want.at(at)));
      ports[at] = (moves ? want : have).at(at);
    }
    return PortCell.of(ports);
  }
}
