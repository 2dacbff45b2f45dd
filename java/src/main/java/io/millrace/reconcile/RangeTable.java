// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.bpf.BpfMap;
import io.millrace.model.Cidr;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * ranges4 or ranges6: the lists of who may ask a frontend.
 *
 * <p>A list never changes. Other blocks are another list with another id, which is written beside
 * before a frontend names it, so that no packet is judged by half a list; the old one goes when
 * nobody has named it for a grace period.
 */
final class RangeTable {
  private final boolean v6;
  private final MapTable<RangeKey, Boolean> table;
  private final IdPool ids;
  private final Map<List<Cidr>, RangeList> byBlocks = new HashMap<>();

  /** What was found in the kernel, by id, until all ports have been given back what is theirs. */
  private final Map<Integer, RangeList> found = new TreeMap<>();

  private final Quarantine<RangeList> grace;
  private final List<RangeList> freeing = new ArrayList<>();

  RangeTable(boolean v6, BpfMap map, BatchBuffers buffers, long graceNs) {
    this.v6 = v6;
    table = new MapTable<>(map, new RangeCodec(v6), buffers);
    ids = new IdPool(ServiceTables.SVC_ID_LIMIT, graceNs);
    grace = new Quarantine<>(graceNs);
  }

  MapTable<RangeKey, Boolean> table() {
    return table;
  }

  /** Takes over what an earlier agent left. */
  void load() {
    table.load();
    Map<Integer, List<Cidr>> blocks = new TreeMap<>();
    table
        .delta()
        .forEachActual(
            (key, inside) ->
                blocks.computeIfAbsent(key.list(), id -> new ArrayList<>()).add(key.block()));
    blocks.forEach(
        (id, each) -> {
          each.sort(null);
          RangeList list = new RangeList(v6, id, each);
          found.put(id, list);
          ids.reserve(id);
          byBlocks.putIfAbsent(list.blocks(), list);
        });
  }

  /** The list that a frontend was found to name; an empty one if there is none of this id. */
  RangeList found(int id) {
    return found.computeIfAbsent(
        id,
        key -> {
          ids.reserve(key);
          return new RangeList(v6, key, List.of());
        });
  }

  /** All ports have theirs: what nobody holds goes. */
  void endRestore(long nowNs) {
    for (RangeList list : found.values()) {
      if (!list.isHeld()) {
        startGrace(list, nowNs);
      }
    }
    found.clear();
  }

  /** The list of these blocks, which are in order. It may not be in force yet. */
  RangeList of(List<Cidr> blocks) {
    RangeList known = byBlocks.get(blocks);
    if (known != null) {
      return known;
    }
    RangeList fresh = new RangeList(v6, ids.take(), blocks);
    byBlocks.put(fresh.blocks(), fresh);
    if (fresh.id() != 0) {
      keys(fresh).forEach(key -> table.delta().set(key, true));
    }
    return fresh;
  }

  boolean isInForce(RangeList list) {
    return list.id() != 0 && keys(list).stream().noneMatch(table.delta()::isPending);
  }

  void release(RangeList list, long nowNs) {
    list.countHolders(-1);
    if (!list.isHeld()) {
      startGrace(list, nowNs);
    }
  }

  void write(long nowNs) {
    ids.tick(nowNs);
    grace.release(nowNs, this::drop);
    table.flushUpdates(nowNs);
  }

  void delete(long nowNs) {
    table.flushDeletes(nowNs);
    freeing.removeIf(
        list -> {
          if (!keys(list).stream().noneMatch(table.delta()::isPending)) {
            return false;
          }
          ids.free(list.id(), nowNs);
          return true;
        });
  }

  long waitNs(long nowNs) {
    return Math.min(grace.waitNs(nowNs), table.retryWaitNs(nowNs));
  }

  private void startGrace(RangeList list, long nowNs) {
    list.beginGrace();
    grace.add(list, nowNs);
  }

  private void drop(RangeList list) {
    if (!list.endGrace()) {
      return;
    }
    byBlocks.remove(list.blocks(), list);
    if (list.id() != 0) {
      keys(list).forEach(table.delta()::remove);
      freeing.add(list);
    }
  }

  private static List<RangeKey> keys(RangeList list) {
    return list.blocks().stream().map(block -> new RangeKey(list.id(), block)).toList();
  }
}
