// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.bpf.Dataplane;
import io.millrace.bpf.MapName;
import io.millrace.bpf.Role;
import io.millrace.compile.Desired;
import io.millrace.compile.Target;
import io.millrace.model.Problem;
import io.millrace.model.ServicePortKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Brings the kernel to the desired state. A packet sees the state before a change or the one after
 * it, never something between, and the agent may die after any single write:
 *
 * <pre>
 *   1 backends, ranges,           what is referred to: endpoints, cluster and devs as well
 *     host tables
 *   2 slots                       sets and rings of backend ids, beside the old ones
 *   3 svcs                        the flip: frontends lead to the new runs
 *   4 svcs                        frontends that nobody wants are deleted
 *     all programs                once, if those of an earlier version stand, see {@link Upgrade}:
 *                                 nothing that follows is done before
 *   5 attachments                 programs on devices, XDP last and off first; then for sockets;
 *                                 the first time see {@link ServingStart}
 *     policies                      see {@link PolicyReconciler}; what it needs stands by now
 *   6 backends                    what no frontend leads to is withdrawn: no longer active
 *   7 after 1 s                   backends freed, entries of ranges and host tables deleted; ids
 *                                 and runs free again 1 s later
 * </pre>
 *
 * <p>Step 6 waits for nobody: a packet or call that has read a frontend of before step 3 may meet a
 * withdrawn backend, and is led to it as it would have been a moment before. It tells by the
 * service id, which stays until step 7, and the flow moves with its next packet. A socket that was
 * connected just so is ended when what is freed is told as well.
 *
 * <p>What fails stops what depends on it, is reported, and is tried again; the rest goes on. A
 * frontend that would let in who may not is not served meanwhile.
 *
 * <p>Not thread-safe: owned by the control thread.
 */
public final class Reconciler {
  private final LongSupplier nanoTime;
  private final Pins pins;
  private final ServiceTables services;
  private final HostTables host;
  private final Attachments attachments;
  private final SocketHooks sockets;
  private final Upgrade upgrade;

  /**
   * Pods whose programs of an earlier version stand get their entries in tables that begin empty.
   */
  private boolean preparing;

  private final ServingStart serving;

  /** Null if the programs have no tables of policy. */
  private final @Nullable PolicyReconciler policy;

  /**
   * @param nanoTime a monotonic clock, as {@link System#nanoTime}
   */
  public Reconciler(
      Dataplane dataplane, SocketLb socketLb, PolicyOptions policies, LongSupplier nanoTime) {
    this(dataplane, socketLb, policies, nanoTime, MaglevTable::sizeFor);
  }

  /** With rings of other sizes: tests look at the kernel after every slot. */
  Reconciler(
      Dataplane dataplane,
      SocketLb socketLb,
      PolicyOptions policies,
      LongSupplier nanoTime,
      IntUnaryOperator ringSize) {
    this.nanoTime = nanoTime;
    BatchBuffers buffers = new BatchBuffers();
    pins = new Pins(dataplane);
    services = new ServiceTables(dataplane, buffers, ringSize);
    host = new HostTables(dataplane, buffers);
    attachments = new Attachments(dataplane);
    sockets = new SocketHooks(dataplane, socketLb);
    upgrade = new Upgrade(dataplane);
    serving = new ServingStart(dataplane);
    policy =
        dataplane.has(MapName.GUARD)
            ? new PolicyReconciler(
                dataplane,
                policies,
                buffers,
                ifindex -> preparing || attachments.stands(ifindex, Role.POD),
                nanoTime)
            : null;
  }

  /**
   * Takes over what is in the kernel, with the first complete desired state to tell what belongs to
   * whom. Reads only; {@link #run} writes the difference. Called once, before everything else.
   */
  public void restore(Desired complete) {
    if (!complete.complete()) {
      throw new IllegalArgumentException("only a complete state tells what is left over");
    }
    Restorer.restore(services, complete);
    host.load();
    attachments.load();
    serving.load(attachments.isEmpty());
    if (policy != null) {
      policy.load();
    }
    submit(complete);
    services.ranges().endRestore(nanoTime.getAsLong());
  }

  /** Takes over what is different from now on. */
  public void submit(Desired desired) {
    services.submit(desired);
    host.submit(desired.node(), nanoTime.getAsLong());
    attachments.submit(desired.node());
    if (policy != null) {
      policy.submit(desired.policy(), desired.node());
    }
  }

  /** Whether the programs are to tell of what they let through. */
  public void setTellAllowed(boolean tell) {
    if (policy != null) {
      policy.setTellAllowed(tell);
    }
  }

  /**
   * Does what can be done now.
   *
   * @return nanoseconds until there is something to do again without a {@link #submit}; {@link
   *     Long#MAX_VALUE} if nothing waits
   */
  public long run() {
    long nowNs = nanoTime.getAsLong();
    services.writeBackends(nowNs);
    host.write(nowNs);
    services.writeSlots();
    services.flip(nowNs);
    services.deleteFrontends(nowNs);
    if (!upgrade.isDone() && !upgrade(nowNs)) {
      return Math.min(upgrade.waitNs(nowNs), Math.min(services.waitNs(nowNs), host.waitNs(nowNs)));
    }
    serving.begin();
    attachments.write(nowNs);
    sockets.write(nowNs);
    serving.write(nowNs);
    if (policy != null) {
      policy.write(nowNs);
    }
    host.delete(nowNs);
    services.settle(nowNs);
    long wait = Math.min(services.waitNs(nowNs), host.waitNs(nowNs));
    wait = Math.min(wait, attachments.waitNs(nowNs));
    wait = Math.min(wait, serving.waitNs(nowNs));
    wait = policy == null ? wait : Math.min(wait, policy.waitNs(nowNs));
    return Math.min(wait, sockets.waitNs(nowNs));
  }

  /** False: the programs of an earlier version go on, and nothing is attached. */
  private boolean upgrade(long nowNs) {
    boolean inForce = true;
    if (policy != null && upgrade.rewrites(MapName.GUARD)) {
      preparing = true;
      policy.write(nowNs);
      preparing = false;
      inForce = policy.isSettled();
    }
    List<MapStatus> tables = new ArrayList<>(services.status());
    tables.addAll(host.status());
    boolean done = upgrade.run(tables, inForce, nowNs);
    if (done) {
      attachments.load();
    }
    return done;
  }

  /**
   * Compares the whole kernel state with what has been written, and lets the next {@link #run} mend
   * what differs. Pins that are gone are made again at once.
   *
   * @return entries, programs and pins that differed
   */
  public int audit() {
    int repaired = sockets.audit(nanoTime.getAsLong());
    repaired += policy == null ? 0 : policy.audit();
    repaired += services.audit() + host.audit() + attachments.audit();
    return repaired + pins.audit();
  }

  /**
   * Whether UDP backends of a family have been withdrawn or freed in the kernel since this was
   * asked last: then connected sockets may be left that know no other.
   */
  public boolean takeUdpGone(boolean v6) {
    return services.backends(v6).takeUdpGone();
  }

  /** Whether all programs of a role stand on a device, as far as known. */
  public boolean stands(int ifindex, Role role) {
    return attachments.stands(ifindex, role);
  }

  /** What an uplink has of XDP: {@code native} or {@code off: reason}; empty for other devices. */
  public String xdp(int ifindex) {
    return attachments.xdp(ifindex);
  }

  /** Whether sockets are led to backends: {@code on}, or {@code off} and why. */
  public String socketLb() {
    return sockets.state();
  }

  /** The ServicePorts in the kernel by their {@code svc.id}; a copy. */
  public Map<Integer, ServicePortKey> servicePorts() {
    return services.byId();
  }

  /** The ids of a ServicePort's endpoints in backends4 and backends6; a copy. */
  public Map<Target, Integer> backendIds(ServicePortKey port) {
    return services.backendIds(port);
  }

  /** Where policies stand. */
  public PolicyStatus policy() {
    return policy == null ? PolicyStatus.NONE : policy.status();
  }

  /** How far the kernel is from what it should hold. */
  public ReconcileStatus status() {
    List<MapStatus> tables = new ArrayList<>(services.status());
    tables.addAll(host.status());
    tables.add(attachments.status());
    boolean settled = services.isSettled() && host.isSettled() && attachments.isSettled();
    settled &= upgrade.isDone();
    settled &= serving.isSettled();
    if (policy != null) {
      tables.addAll(policy.tables());
      settled &= policy.isSettled();
    }
    return new ReconcileStatus(settled, tables, problems(tables));
  }

  private List<Problem> problems(List<MapStatus> tables) {
    List<Problem> problems = new ArrayList<>(attachments.problems());
    problems.addAll(upgrade.problems());
    problems.addAll(pins.problems());
    for (MapStatus table : tables) {
      if (table.errno() != 0) {
        problems.add(
            new Problem(
                "",
                "map " + table.map(),
                "",
                table.pending() + " entries wait, errno " + table.errno() + "; tried again"));
      }
    }
    problems.addAll(services.shortages().problems());
    if (policy != null) {
      problems.addAll(policy.problems());
    }
    problems.sort(null);
    return problems;
  }
}
