// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.compile.policy.PolicySet;
import io.millrace.compile.policy.PolicyTables;
import io.millrace.model.Cidr;
import io.millrace.model.Ip;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Deletes what nobody wants, a grace period after that was seen first: a packet that has read an
 * entry still finds what that leads to. Nothing that goes changes what anything means.
 */
final class PolicySweep {
  private final PolicyMaps maps;
  private final long graceNs;
  private final List<Leaving<?>> leaving = new ArrayList<>();
  private boolean looked;
  private long dueNs;

  PolicySweep(PolicyMaps maps, long graceNs) {
    this.maps = maps;
    this.graceNs = graceNs;
  }

  /** Entries of a table that nobody wanted. */
  private record Leaving<K>(MapTable<K, ?> table, List<K> keys) {
    void drop(Predicate<Object> stillUnwanted) {
      for (K key : keys) {
        if (stillUnwanted.test(key)) {
          table.delta().remove(key);
        }
      }
    }
  }

  /** Something has changed: look again what nobody wants. */
  void look() {
    looked = false;
  }

  /**
   * @param inForce what is in force entirely; null while the kernel holds something else, of which
   *     then only goes what no pod leads to
   * @param side the one that counts; -1 while it is not the same for all pods
   */
  void run(@Nullable PolicyTables inForce, int side, long nowNs) {
    if (!leaving.isEmpty() && dueNs - nowNs <= 0) {
      Wanted wanted = new Wanted(maps, inForce, side);
      leaving.forEach(each -> each.drop(key -> !wanted.has(key)));
      leaving.clear();
      for (MapTable<?, ?> table : maps.all()) {
        table.flushDeletes(nowNs);
        table.giveUp();
      }
      looked = false;
    }
    if (leaving.isEmpty() && !looked) {
      looked = true;
      dueNs = nowNs + graceNs;
      Wanted wanted = new Wanted(maps, inForce, side);
      for (boolean v6 : PolicyMaps.FAMILIES) {
        collect(maps.peers(v6), wanted);
        collect(maps.blocks(v6), wanted);
      }
      collect(maps.setPeers(), wanted);
      collect(maps.setPorts(), wanted);
      collect(maps.sets(), wanted);
    }
  }

  long waitNs(long nowNs) {
    if (leaving.isEmpty()) {
      return looked ? Long.MAX_VALUE : 0;
    }
    return Math.max(0, dueNs - nowNs);
  }

  private <K> void collect(MapTable<K, ?> table, Wanted wanted) {
    List<K> keys = new ArrayList<>();
    table
        .delta()
        .forEachActual(
            (key, value) -> {
              if (!wanted.has(key)) {
                keys.add(key);
              }
            });
    if (!keys.isEmpty()) {
      leaving.add(new Leaving<>(table, keys));
    }
  }

  /** What has to stay. */
  private static final class Wanted {
    private final PolicyMaps maps;
    private final @Nullable PolicyTables inForce;
    private final Set<Long> inUse;
    private final BlockIndex blocks;
    private final int side;

    Wanted(PolicyMaps maps, @Nullable PolicyTables inForce, int side) {
      this.maps = maps;
      this.inForce = inForce;
      this.side = side;
      inUse = maps.setsInUse();
      blocks = BlockIndex.of(maps, Math.max(side, 0));
    }

    boolean has(Object key) {
      if (key instanceof Long set) {
        return hasSet(set);
      } else if (key instanceof SetPeer row) {
        return hasSet(row.set()) && hasPeers(row);
      } else if (key instanceof SetPort row) {
        return hasSet(row.set()) && hasPorts(row);
      } else if (side < 0) {
        return true; // what says nothing on one side may say something on the other
      } else if (key instanceof Ip ip) {
        return (inForce != null && inForce.peers().containsKey(ip))
            || says(maps.peers(ip.isV6()).delta().actual(ip), blocks.of(ip));
      }
      return key instanceof Cidr block
          && ((inForce != null && inForce.blocks().containsKey(block))
              || says(
                  maps.blocks(block.base().isV6()).delta().actual(block), blocks.around(block)));
    }

    /** Whether an entry says something else than would hold without it. */
    private boolean says(@Nullable Classes entry, long without) {
      return entry != null && entry.on(side) != without;
    }

    private boolean hasSet(long set) {
      return inUse.contains(set) || (inForce != null && inForce.sets().containsKey(set));
    }

    private boolean hasPeers(SetPeer row) {
      PolicySet set = inForce == null ? null : inForce.sets().get(row.set());
      return set == null || set.peerRows().containsKey(row.peerClass());
    }

    private boolean hasPorts(SetPort row) {
      PolicySet set = inForce == null ? null : inForce.sets().get(row.set());
      return set == null || set.portRows().containsKey(row.portClass());
    }
  }
}
