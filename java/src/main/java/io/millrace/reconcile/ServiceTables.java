// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.bpf.Dataplane;
import io.millrace.bpf.MapName;
import io.millrace.compile.Desired;
import io.millrace.compile.Frontend;
import io.millrace.compile.PortProgram;
import io.millrace.compile.Target;
import io.millrace.model.Ip;
import io.millrace.model.ServicePortKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * svcs, slots and backends: what referents precede their references for.
 *
 * <p>Reconciler calls the steps in order; each does what can be done, for all ports that are not
 * settled, and a port whose referents are not in force simply does not take the next step.
 */
final class ServiceTables {
  static final long GRACE_NS = 1_000_000_000L;

  /** Above this, a service id found in the kernel is not ours to reuse. */
  static final int SVC_ID_LIMIT = 1 << 24;

  private final Map<ServicePortKey, PortState> ports = new LinkedHashMap<>();
  private final Set<PortState> unsettled = new LinkedHashSet<>();
  private final MapTable<Frontend, SvcEntry> svcs4;
  private final MapTable<Frontend, SvcEntry> svcs6;
  private final Backends backends4;
  private final Backends backends6;
  private final RangeTables ranges;
  private final Slots slots;
  private final IdPool svcIds = new IdPool(SVC_ID_LIMIT, GRACE_NS);
  private final PortPlanner planner;
  private final Shortages shortages = new Shortages();

  /**
   * @param ringSize slots of a ring, a prime, by the number of its backends
   */
  ServiceTables(Dataplane dataplane, BatchBuffers buffers, IntUnaryOperator ringSize) {
    svcs4 = new MapTable<>(dataplane.map(MapName.SVCS4), new SvcCodec(false), buffers);
    svcs6 = new MapTable<>(dataplane.map(MapName.SVCS6), new SvcCodec(true), buffers);
    backends4 = new Backends(false, dataplane.map(MapName.BACKENDS4), buffers, GRACE_NS);
    backends6 = new Backends(true, dataplane.map(MapName.BACKENDS6), buffers, GRACE_NS);
    ranges = new RangeTables(dataplane, buffers, GRACE_NS);
    slots = new Slots(dataplane.slots(), GRACE_NS);
    RunPlanner runs = new RunPlanner(slots.allocator(), ringSize);
    planner = new PortPlanner(svcIds, backends4, backends6, runs);
  }

  MapTable<Frontend, SvcEntry> svcs(boolean v6) {
    return v6 ? svcs6 : svcs4;
  }

  Backends backends(boolean v6) {
    return v6 ? backends6 : backends4;
  }

  RangeTables ranges() {
    return ranges;
  }

  Slots slots() {
    return slots;
  }

  IdPool svcIds() {
    return svcIds;
  }

  /** Takes a port over that was found in the kernel. */
  void adopt(PortState port) {
    if (port.key() != null) {
      ports.put(port.key(), port);
    }
    unsettled.add(port);
  }

  void submit(Desired desired) {
    for (Desired.Port port : desired.ports()) {
      PortState state = ports.computeIfAbsent(port.key(), PortState::new);
      state.setDesired(port);
      ranges.hold(state);
      shortages.forget(state);
      unsettled.add(state);
    }
    for (ServicePortKey key : desired.gone()) {
      PortState state = ports.get(key);
      if (state != null) {
        state.setDesired(null);
        unsettled.add(state);
      }
    }
    desired.addresses().forEach(this::submitAddress);
  }

  private void submitAddress(Ip ip, Desired.AddressUse use) {
    DeltaTable<Frontend, SvcEntry> table = svcs(ip.isV6()).delta();
    Frontend address = Frontend.address(ip);
    if (use == Desired.AddressUse.NONE) {
      table.remove(address);
    } else {
      table.set(address, SvcEntry.address(use == Desired.AddressUse.REJECT));
    }
  }

  /** Step 1: gives ids and runs, and writes the backends and the lists of who may ask. */
  void writeBackends(long nowNs) {
    ranges.write(nowNs);
    svcIds.tick(nowNs);
    slots.allocator().tick(nowNs);
    backends4.expire(nowNs, false);
    backends6.expire(nowNs, true);
    shortages.release(nowNs, unsettled);
    for (PortState port : unsettled) {
      if (!port.isPlanned() && !shortages.stops(port)) {
        shortages.record(port, planner.plan(port), nowNs);
      }
    }
    backends4.table().flushUpdates(nowNs);
    backends6.table().flushUpdates(nowNs);
    backends4.reapFreed(nowNs, unsettled::add);
    backends6.reapFreed(nowNs, unsettled::add);
  }

  /** Step 2: writes the runs of ports whose backends are in force. */
  void writeSlots() {
    for (PortState port : unsettled) {
      slots.write(port.family(false), backends4);
      slots.write(port.family(true), backends6);
    }
  }

  /** Step 3: lets the frontends lead to the new runs. */
  void flip(long nowNs) {
    for (PortState port : unsettled) {
      for (Frontend frontend : port.stale()) {
        removeStale(port, frontend);
      }
    }
    for (PortState port : unsettled) {
      for (PortProgram.Rule rule : port.rules()) {
        DeltaTable<Frontend, SvcEntry> table = svcs(rule.frontend().ip().isV6()).delta();
        if (isReady(port, rule)) {
          table.set(rule.frontend(), entry(port, rule));
        } else if (admitsOthers(port, rule)) {
          table.remove(rule.frontend());
        }
      }
    }
    svcs4.flushUpdates(nowNs);
    svcs6.flushUpdates(nowNs);
  }

  /** Step 4: takes frontends away that nobody wants. */
  void deleteFrontends(long nowNs) {
    svcs4.flushDeletes(nowNs);
    svcs6.flushDeletes(nowNs);
    ranges.delete(nowNs);
  }

  /** Step 6: what nothing leads to any more is withdrawn, and goes into its grace period. */
  void settle(long nowNs) {
    unsettled.removeIf(port -> port.isPlanned() && settle(port, nowNs));
    backends4.flushWithdrawn(nowNs);
    backends6.flushWithdrawn(nowNs);
  }

  /** Nanoseconds until something is due; {@link Long#MAX_VALUE} if nothing is. */
  long waitNs(long nowNs) {
    long wait = Math.min(backends4.waitNs(nowNs), backends6.waitNs(nowNs));
    wait = Math.min(wait, Math.min(svcs4.retryWaitNs(nowNs), svcs6.retryWaitNs(nowNs)));
    wait = Math.min(wait, ranges.waitNs(nowNs));
    return Math.min(wait, shortages.waitNs(nowNs));
  }

  boolean isSettled() {
    return unsettled.isEmpty();
  }

  int audit() {
    int differences = svcs4.audit() + svcs6.audit() + backends4.audit() + backends6.audit();
    differences += ranges.audit();
    for (PortState port : ports.values()) {
      differences += slots.audit(port.family(false)) + slots.audit(port.family(true));
      unsettled.add(port);
    }
    return differences;
  }

  Map<Integer, ServicePortKey> byId() {
    Map<Integer, ServicePortKey> byId = new HashMap<>();
    ports.forEach((key, port) -> byId.put(port.svcId(), key));
    return byId;
  }

  Map<Target, Integer> backendIds(ServicePortKey key) {
    PortState port = ports.get(key);
    Map<Target, Integer> ids = new HashMap<>();
    if (port != null) {
      port.family(false).addIds(ids);
      port.family(true).addIds(ids);
    }
    return ids;
  }

  /** ServicePorts that do not get what they need, and why. */
  Shortages shortages() {
    return shortages;
  }

  List<MapStatus> status() {
    List<MapStatus> all = new ArrayList<>();
    all.add(svcs4.status());
    all.add(svcs6.status());
    all.add(slots.status());
    all.add(backends4.table().status());
    all.add(backends6.table().status());
    all.addAll(ranges.status());
    return all;
  }

  private void removeStale(PortState port, Frontend frontend) {
    DeltaTable<Frontend, SvcEntry> table = svcs(frontend.ip().isV6()).delta();
    SvcEntry now = table.desired(frontend);
    if (now != null && now.id() == port.svcId()) {
      table.remove(frontend);
    }
  }

  private boolean isReady(PortState port, PortProgram.Rule rule) {
    boolean v6 = rule.frontend().ip().isV6();
    return port.isPlanned()
        && slots.isReady(port.family(v6), backends(v6))
        && ranges.isInForce(port, rule);
  }

  /**
   * Whether a frontend that cannot be written yet may be asked by others than it should: then it is
   * rather not served.
   */
  private boolean admitsOthers(PortState port, PortProgram.Rule rule) {
    SvcEntry now = actual(rule.frontend());
    return !rule.sources().isEmpty() && now != null && now.ranges() != ranges.id(port, rule);
  }

  private SvcEntry entry(PortState port, PortProgram.Rule rule) {
    return SvcEntry.of(port, rule, ranges.id(port, rule));
  }

  private boolean settle(PortState port, long nowNs) {
    for (PortProgram.Rule rule : port.rules()) {
      if (!ranges.isInForce(port, rule) || !entry(port, rule).equals(actual(rule.frontend()))) {
        return false;
      }
    }
    for (Frontend frontend : port.stale()) {
      SvcEntry now = actual(frontend);
      if (now != null && now.id() == port.svcId()) {
        return false;
      }
    }
    port.stale().clear();
    ranges.releaseUnused(port, nowNs);
    for (boolean v6 : new boolean[] {false, true}) {
      FamilyState state = port.family(v6);
      slots.freeOld(state, nowNs);
      for (Retired retired : state.retired()) {
        if (!retired.isUnreachable()) {
          backends(v6).startGrace(retired, nowNs);
        }
      }
    }
    if (port.isOver()) {
      if (port.svcId() != 0) {
        svcIds.free(port.svcId(), nowNs);
      }
      shortages.forget(port);
      if (port.key() != null) {
        ports.remove(port.key(), port);
      }
    }
    return true;
  }

  private @Nullable SvcEntry actual(Frontend frontend) {
    return svcs(frontend.ip().isV6()).delta().actual(frontend);
  }
}
