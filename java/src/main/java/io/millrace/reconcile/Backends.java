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

  /** Of these, the UDP ones. */
  private final Set<Integer> freeingUdp = new HashSet<>();

  private boolean udpFreed;

  Backends(boolean v6, BpfMap map, BatchBuffers buffers, long graceNs) {
    table = new MapTable<>(map, new BackendCodec(v6), buffers);
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

  /** Starts the grace period of a backend that nothing leads to. */
  void startGrace(Retired retired, long nowNs) {
    retired.markUnreachable();
    grace.add(retired, nowNs);
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
    freeing.removeIf(
        retired -> {
          if (table.delta().isPending(retired.id())) {
            return false;
          }
          ids.free(retired.id(), nowNs);
          udpFreed |= freeingUdp.remove(retired.id());
          retired.owner().countFreeing(-1);
          owners.accept(retired.owner());
          return true;
        });
  }

  /** Whether UDP backends have been freed in the kernel since this was asked last. */
  boolean takeUdpFreed() {
    boolean freed = udpFreed;
    udpFreed = false;
    return freed;
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
      table.delta().set(retired.id(), now.freed());
      if (now.protocol() == Protocol.UDP.number()) {
        freeingUdp.add(retired.id());
      }
    }
    freeing.add(retired);
    retired.owner().countFreeing(1);
  }
}
