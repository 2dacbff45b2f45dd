// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.bpf.BpfMap;
import io.millrace.compile.Target;
import io.millrace.model.Protocol;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** backends4 or backends6 and its ids. */
final class Backends {
  private final MapTable<Integer, BackendEntry> table;
  private final IdPool ids;

  /** Backends whose grace period runs. */
  private final Quarantine<Retired> grace;

  /** Backends whose freed entry is to be written; their ids are free once it is. */
  private final List<Retired> freeing = new ArrayList<>();

  /** UDP backends that have been withdrawn or freed, which is to be told once it is in force. */
  private final Set<Integer> leavingUdp = new HashSet<>();

  private boolean udpGone;

  Backends(boolean v6, BpfMap map, BatchBuffers buffers, long graceNs) {
    table =
        new MapTable<>(map, new BackendCodec(v6), buffers, new DeltaTable<>(new BackendStore()));
    ids = new IdPool(map.maxEntries(), graceNs);
    grace = new Quarantine<>(graceNs);
  }

  MapTable<Integer, BackendEntry> table() {
    return table;
  }

  IdPool ids() {
    return ids;
  }

  /**
   * Makes the entry of {@code id} say this.
   *
   * @param affinity whether the programs need to know which sets it is in
   */
  void set(int id, Target target, int protocol, int svc, boolean affinity) {
    BackendEntry now = table.delta().desired(id);
    int gen = now == null ? 0 : now.gen();
    int flags = target.backendFlags() | (affinity ? target.chosenFlags() : 0);
    table.delta().set(id, new BackendEntry(target.ip(), target.port(), protocol, flags, svc, gen));
  }

  /** New connections of its clients, too, shall go elsewhere from now on. */
  void forsake(Retired retired) {
    BackendEntry now = table.delta().desired(retired.id());
    if (now != null) {
      table.delta().set(retired.id(), now.notChosen());
    }
  }

  boolean allInForce(Run run) {
    for (long id : run.slots()) {
      if (table.delta().isPending((int) id)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Withdraws a backend that no frontend leads to, and starts its grace period. Who still does lead
   * to it are packets and calls under way, which may have read a frontend of before: for them it
   * stays what it was, but for the flag.
   */
  void startGrace(Retired retired, long nowNs) {
    retired.markUnreachable();
    grace.add(retired, nowNs);
    BackendEntry now = table.delta().desired(retired.id());
    if (now != null) {
      leave(retired.id(), now, now.withdrawn());
    }
  }

  /** Writes what {@link #startGrace} has withdrawn. */
  void flushWithdrawn(long nowNs) {
    table.flushUpdates(nowNs);
    noteGone();
  }

  /** Frees those whose grace period is over and whose endpoint has not come back. */
  void expire(long nowNs, boolean v6) {
    ids.tick(nowNs);
    grace.release(
        nowNs,
        retired -> {
          if (retired.owner().family(v6).retired().remove(retired)) {
            free(retired);
          }
        });
  }

  /** Hands over the owners of backends whose freed entry is in force. */
  void reapFreed(long nowNs, Consumer<PortState> owners) {
    noteGone();
    freeing.removeIf(
        retired -> {
          if (table.delta().isPending(retired.id())) {
            return false;
          }
          ids.free(retired.id(), nowNs);
          retired.owner().countFreeing(-1);
          owners.accept(retired.owner());
          return true;
        });
  }

  /** Whether UDP backends have been withdrawn or freed in the kernel since this was asked last. */
  boolean takeUdpGone() {
    boolean gone = udpGone;
    udpGone = false;
    return gone;
  }

  long waitNs(long nowNs) {
    return Math.min(grace.waitNs(nowNs), table.retryWaitNs(nowNs));
  }

  /** As {@link MapTable#audit}; an array has no deletions, so what should not be is freed. */
  int audit() {
    int differences = table.audit();
    for (Integer id : table.delta().pendingDeletes()) {
      BackendEntry odd = table.delta().actual(id);
      if (odd != null) {
        table.delta().set(id, odd.freed());
      }
    }
    return differences;
  }

  private void free(Retired retired) {
    BackendEntry now = table.delta().desired(retired.id());
    if (now != null) {
      leave(retired.id(), now, now.freed());
    }
    freeing.add(retired);
    retired.owner().countFreeing(1);
  }

  private void leave(int id, BackendEntry now, BackendEntry next) {
    table.delta().set(id, next);
    if (now.protocol() == Protocol.UDP.number()) {
      leavingUdp.add(id);
    }
  }

  private void noteGone() {
    udpGone |= leavingUdp.removeIf(id -> !table.delta().isPending(id));
  }
}
