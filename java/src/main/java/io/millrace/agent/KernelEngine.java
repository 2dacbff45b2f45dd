// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import io.millrace.admin.proto.Device;
import io.millrace.admin.proto.Features;
import io.millrace.admin.proto.FormerMap;
import io.millrace.admin.proto.Status;
import io.millrace.admin.proto.Table;
import io.millrace.bpf.Dataplane;
import io.millrace.bpf.MapName;
import io.millrace.bpf.Role;
import io.millrace.compile.Compiler;
import io.millrace.compile.Desired;
import io.millrace.compile.NodeConfig;
import io.millrace.compile.NodeTables;
import io.millrace.compile.policy.PolicyTables;
import io.millrace.model.ClusterDelta;
import io.millrace.model.ClusterImage;
import io.millrace.model.Problem;
import io.millrace.model.ServicePortKey;
import io.millrace.reconcile.MapStatus;
import io.millrace.reconcile.PolicyOptions;
import io.millrace.reconcile.PolicyStatus;
import io.millrace.reconcile.ReconcileStatus;
import io.millrace.reconcile.Reconciler;
import io.millrace.reconcile.SocketLb;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Compiler and reconciler over one dataplane.
 *
 * <p>After an unexpected failure both are made anew and take over what is in the kernel, exactly as
 * after a restart: the one way of recovery that is exercised every day.
 */
final class KernelEngine implements Engine {
  private static final String ATTACHMENTS = "attachments";
  private static final long NOTHING_DUE = Long.MAX_VALUE;

  private final NodeConfig config;
  private final Dataplane dataplane;
  private final SocketLb socketLb;
  private final PolicyOptions policies;
  private final SocketUpkeep sockets;
  private final LongSupplier clockNs;
  private Compiler compiler;
  private @Nullable Reconciler reconciler;
  private ReconcileStatus status = new ReconcileStatus(false, List.of(), List.of());
  private long dueNs = NOTHING_DUE;
  private boolean tellAllowed;
  private PolicyTables policyTables = PolicyTables.EMPTY;

  /** Entries written per table by reconcilers that were given up. */
  private final Map<String, Long> earlierWrites = new TreeMap<>();

  KernelEngine(
      NodeConfig config,
      Dataplane dataplane,
      SocketLb socketLb,
      PolicyOptions policies,
      SocketUpkeep sockets,
      LongSupplier clockNs) {
    this.config = config;
    this.dataplane = dataplane;
    this.socketLb = socketLb;
    this.policies = policies;
    this.sockets = sockets;
    this.clockNs = clockNs;
    compiler = new Compiler(config);
  }

  @Override
  public Round apply(ClusterImage image, @Nullable ClusterDelta delta) {
    long beganNs = clockNs.getAsLong();
    Reconciler target = reconciler;
    Desired desired;
    if (target == null || delta == null) {
      startOver();
      desired = compiler.compileAll(image);
    } else {
      desired = compiler.compile(image, delta);
    }
    policyTables = desired.policy();
    long compiledNs = clockNs.getAsLong();
    if (target == null || delta == null) {
      target = new Reconciler(dataplane, socketLb, policies, clockNs);
      target.setTellAllowed(tellAllowed);
      target.restore(desired);
      reconciler = target;
      // The agent before may have died between withdrawing a backend and telling.
      sockets.backendsGone(true, true);
    } else {
      target.submit(desired);
    }
    run(target);
    sockets.node(compiler.node());
    return new Round(compiledNs - beganNs, clockNs.getAsLong() - compiledNs);
  }

  private void startOver() {
    for (MapStatus table : status.tables()) {
      earlierWrites.merge(table.map(), table.writes(), Long::sum);
    }
    status = new ReconcileStatus(false, List.of(), List.of());
    compiler = new Compiler(config);
    reconciler = null;
    dueNs = NOTHING_DUE;
  }

  private void run(Reconciler target) {
    long waitNs = target.run();
    dueNs = waitNs == NOTHING_DUE ? NOTHING_DUE : clockNs.getAsLong() + waitNs;
    status = target.status();
    boolean gone4 = target.takeUdpGone(false);
    boolean gone6 = target.takeUdpGone(true);
    if (gone4 || gone6) {
      sockets.backendsGone(gone4, gone6);
    }
  }

  @Override
  public void finish() {
    Reconciler target = reconciler;
    if (target != null) {
      run(target);
    }
  }

  @Override
  public long finishWaitNs() {
    return dueNs == NOTHING_DUE ? NOTHING_DUE : Math.max(0, dueNs - clockNs.getAsLong());
  }

  @Override
  public long audit() {
    Reconciler target = reconciler;
    if (target == null) {
      return 0;
    }
    int differences = target.audit();
    run(target);
    return differences;
  }

  @Override
  public Optional<String> obstacle() {
    if (status.settled()) {
      return Optional.empty();
    }
    return Optional.of(
        status.problems().isEmpty()
            ? "a device or entry that is not taken yet"
            : status.problems().get(0).toString());
  }

  @Override
  public List<Problem> problems() {
    List<Problem> all = new ArrayList<>(compiler.problems());
    all.addAll(status.problems());
    return all;
  }

  /** Lets the programs tell of what they let through, or stop that. */
  void setTellAllowed(boolean tell) {
    tellAllowed = tell;
    Reconciler target = reconciler;
    if (target != null) {
      target.setTellAllowed(tell);
      run(target);
    }
  }

  /** The policies as compiled last. */
  PolicyTables policyTables() {
    return policyTables;
  }

  /** For tasks that look closer. */
  Compiler compiler() {
    return compiler;
  }

  /** For tasks that look closer; null before the first round. */
  @Nullable Reconciler reconciler() {
    return reconciler;
  }

  boolean isPolicyInForce() {
    Reconciler target = reconciler;
    return target != null && target.policy().inForce();
  }

  /** The ServicePorts in the kernel by their {@code svc.id}; a copy. */
  Map<Integer, ServicePortKey> servicePorts() {
    Reconciler target = reconciler;
    return target == null ? Map.of() : target.servicePorts();
  }

  String nodeName() {
    return config.nodeName();
  }

  Dataplane dataplane() {
    return dataplane;
  }

  @Override
  public void describe(Status.Builder out) {
    out.setNode(config.nodeName())
        .setFeatures(
            Features.newBuilder()
                .setKernel(dataplane.features().kernel())
                .setTcx(dataplane.features().tcx())
                .setSocketLb(socketLb())
                .setHostRouting(dataplane.features().direct() ? "bpf" : "stack")
                .setXdp(config.xdp().toString()));
    describeDevices(out);
    dataplane.formerMaps().forEach(former -> out.addFormerMaps(proto(former)));
    if (dataplane.has(MapName.GUARD)) {
      describePolicy(out);
    }
    long written = 0;
    for (MapStatus table : status.tables()) {
      if (!table.map().equals(ATTACHMENTS)) {
        long writes = table.writes() + earlierWrites.getOrDefault(table.map(), 0L);
        written += writes;
        out.addTables(
            Table.newBuilder()
                .setName(table.map())
                .setEntries(table.actual())
                .setMaxEntries(table.capacity())
                .setWrites(writes)
                .setPending(table.pending()));
      }
    }
    out.setEntriesWritten(written);
  }

  private static FormerMap proto(io.millrace.bpf.FormerMap former) {
    return FormerMap.newBuilder()
        .setMap(former.map())
        .setFromVersion(former.from())
        .setToVersion(former.to())
        .setFate(
            switch (former.fate()) {
              case CARRIED -> FormerMap.Fate.CARRIED;
              case REWRITTEN -> FormerMap.Fate.REWRITTEN;
              case LOST -> FormerMap.Fate.LOST;
              case ANEW -> FormerMap.Fate.ANEW;
            })
        .setCarried(former.carried())
        .setDropped(former.dropped())
        .build();
  }

  private void describePolicy(Status.Builder out) {
    Reconciler target = reconciler;
    PolicyStatus now = target == null ? PolicyStatus.NONE : target.policy();
    out.setPolicy(
        io.millrace.admin.proto.PolicyStatus.newBuilder()
            .setOn(policies.on())
            .setGuarded(now.guarded())
            .setInForce(now.inForce())
            .setGeneration(now.generation())
            .setEpoch(Integer.toUnsignedLong(now.epoch()))
            .setAddresses(now.addresses())
            .setIsolatedIngress(now.isolatedIngress())
            .setIsolatedEgress(now.isolatedEgress())
            .setSets(now.sets())
            .setRules(now.rules())
            .setClasses(now.classes())
            .setRefusals(now.refusals()));
  }

  private String socketLb() {
    Reconciler target = reconciler;
    return target == null ? "off: not attached yet" : target.socketLb();
  }

  private void describeDevices(Status.Builder out) {
    NodeTables node = compiler.node();
    Reconciler target = reconciler;
    new TreeMap<>(node.attachments())
        .forEach(
            (ifindex, role) -> {
              boolean stands = target != null && target.stands(ifindex, role);
              String name = node.names().getOrDefault(ifindex, "");
              Device.Builder device =
                  Device.newBuilder()
                      .setIfindex(ifindex)
                      .setName(name)
                      .setRole(role == Role.UPLINK ? "uplink" : "pod")
                      .setAttached(stands)
                      .setError(stands ? "" : whyNot(name));
              device.addAllPrograms(programs(role));
              device.setTc(dataplane.features().tcx() ? "tcx" : "clsact");
              if (role == Role.UPLINK) {
                device.setXdp(target == null ? "off: not attached yet" : target.xdp(ifindex));
              }
              out.addDevices(device);
            });
  }

  private String whyNot(String device) {
    return status.problems().stream()
        .filter(problem -> problem.object().equals("device " + device))
        .map(Problem::reason)
        .findFirst()
        .orElse("the device is going, or has just come");
  }

  private static List<String> programs(Role role) {
    String prefix = role == Role.UPLINK ? "uplink" : "pod";
    return List.of(prefix + "_in4", prefix + "_in6", prefix + "_out4", prefix + "_out6");
  }
}
