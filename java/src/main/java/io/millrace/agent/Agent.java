// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import io.millrace.admin.AdminServer;
import io.millrace.admin.proto.Status;
import io.millrace.bpf.BpfException;
import io.millrace.bpf.DataplaneOptions;
import io.millrace.bpf.KernelDataplane;
import io.millrace.bpf.NativeLibrary;
import io.millrace.bpf.NetlinkMonitor;
import io.millrace.compile.XdpMode;
import io.millrace.http.HttpServers;
import io.millrace.reconcile.SocketLb;
import io.millrace.source.KeyedQueue;
import io.millrace.source.ObjectSource;
import io.millrace.source.SyncGate;
import io.millrace.source.kubernetes.ApiTimings;
import io.millrace.source.kubernetes.KubernetesSource;
import io.millrace.source.manifest.ManifestSource;
import io.millrace.source.node.NetlinkSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The agent: wires sources, control loop, kernel and admin server, and runs until it is told to
 * end. It may be killed at any moment: what is in the kernel goes on, and the next agent takes it
 * over.
 */
public final class Agent {
  private static final Logger log = LoggerFactory.getLogger(Agent.class);

  /** ICMP answers per second and CPU to connections that nobody serves. */
  private static final int REJECT_RATE = 1000;

  private static final Path OWN_OOM_SCORE = Path.of("/proc/self/oom_score_adj");
  private static final Path NETWORK_SETTINGS = Path.of("/proc/sys/net/ipv4");
  private static final long SHUTDOWN_MS = 10_000;

  /** How long a scrape waits for the control thread. */
  private static final long SCRAPE_MS = 1000;

  /** Everything is closed and unlocked. */
  private static final CountDownLatch ENDED = new CountDownLatch(1);

  private final AgentConfig config;
  private final LongSupplier clockNs = System::nanoTime;
  private final KeyedQueue queue = new KeyedQueue();
  private final HealthState health;
  private final ProblemBoard problems = new ProblemBoard(clockNs);
  private final AtomicReference<Status> published =
      new AtomicReference<>(Status.getDefaultInstance());

  private Agent(AgentConfig config) {
    this.config = config;
    health = new HealthState(config.node().nodeName(), clockNs, InstantSource.system());
  }

  /**
   * Runs until SIGTERM or SIGINT, after which the process ends with status 0 and leaves everything
   * in force.
   *
   * @throws IOException if it cannot start; says what is missing and what to do
   */
  public static void run(AgentConfig config) throws IOException {
    HostChecks.run();
    OomScore.set(OWN_OOM_SCORE, config.oomScoreAdj());
    Files.createDirectories(config.runDir());
    Files.setPosixFilePermissions(config.runDir(), PosixFilePermissions.fromString("rwx------"));
    try (InstanceLock instance = InstanceLock.ofFile(config.lockFile())) {
      Bpffs.prepare(config.bpffs());
      try (InstanceLock pins = InstanceLock.ofFolder(config.bpffs())) {
        log.debug("locked instance={} pins={}", instance, pins);
        new Agent(config).run();
      }
    } finally {
      ENDED.countDown();
    }
  }

  private void run() throws IOException {
    try (KernelDataplane dataplane = open();
        FlowKeeper flows = FlowKeeper.start(dataplane, config.flowTimeouts(), clockNs);
        SocketKeeper sockets = sockets(dataplane);
        Walker walker = new Walker();
        HttpServers http = HttpServers.start()) {
      SocketUpkeep upkeep = sockets == null ? SocketUpkeep.NONE : sockets;
      KernelEngine engine =
          new KernelEngine(
              config.node(), dataplane, socketLb(dataplane), config.policy(), upkeep, clockNs);
      List<ObjectSource> sources =
          List.of(clusterSource(), new NetlinkSource(NetlinkMonitor::open));
      SyncGate gate = new SyncGate(sources.stream().map(ObjectSource::name).toList());
      SyncMetrics rounds = new SyncMetrics(InstantSource.system());
      EventBook book = new EventBook(clockNs);
      PolicyWatch policies =
          new PolicyWatch(book, engine::policyTables, engine::isPolicyInForce, clockNs);
      HostWatch host = new HostWatch(clockNs);
      ControlLoop loop =
          loop(gate, engine, List.of(health, rounds, healthPorts(http, engine), policies, host));
      StatusReport report =
          new StatusReport(
              sources,
              published::get,
              List.of(flows::describe, upkeep::describe, policies::describe),
              gate,
              problems);
      announce(dataplane);
      try (EventKeeper events = events(dataplane, book, loop, engine);
          AdminServer admin =
              AdminServer.start(
                  config.adminSocket(), new AdminRequests(loop, engine, report, walker, events))) {
        log.debug("serving socket={} server={}", config.adminSocket(), admin);
        listen(
            http,
            loop,
            engine,
            report,
            sources,
            List.of(rounds::collect, policies::collect, host::collect));
        follow(loop, sources, new SourceSink(queue, gate, problems, health));
      }
    }
  }

  private ControlLoop loop(SyncGate gate, Engine engine, List<LoopObserver> observers) {
    return new ControlLoop(
        queue,
        gate,
        engine,
        problems,
        TimeUnit.SECONDS.toNanos(config.driftCheckS()),
        clockNs,
        new Random(),
        published::set,
        observers);
  }

  private LoopObserver healthPorts(HttpServers http, KernelEngine engine) {
    return new HealthCheckServers(
        http, () -> engine.compiler().healthChecks(), health::isHealthy, problems);
  }

  private void listen(
      HttpServers http,
      ControlLoop loop,
      KernelEngine engine,
      StatusReport report,
      List<ObjectSource> sources,
      List<Consumer<MetricList>> parts)
      throws IOException {
    HealthEndpoints endpoints = new HealthEndpoints(health::view);
    List<Consumer<MetricList>> all = new ArrayList<>(parts);
    all.add(endpoints::collect);
    all.add(out -> SourceMetrics.collect(sources, out));
    Metrics metrics =
        new Metrics(
            () -> loop.tasks().submit(() -> KernelReading.take(engine), SCRAPE_MS),
            report,
            all,
            http.executor());
    new AgentServers(config.servers(), http, problems)
        .serve(endpoints, new MetricsEndpoints(metrics::scrape));
  }

  private ObjectSource clusterSource() throws IOException {
    if (config.source() instanceof SourceConfig.Kubernetes kubernetes) {
      KubernetesSource source =
          new KubernetesSource(
              kubernetes.api(), config.node().nodeName(), ApiTimings.DEFAULT, new Random());
      problems.onNew(new ProblemEvents(source.events()::tell));
      return source;
    }
    return new ManifestSource(((SourceConfig.Manifests) config.source()).folder());
  }

  private KernelDataplane open() throws IOException {
    try {
      return KernelDataplane.open(
          new DataplaneOptions(
              config.bpffs(),
              NativeLibrary.objects(),
              config.mapSizes(),
              config.snatPorts().min(),
              config.snatPorts().max(),
              REJECT_RATE,
              config.tcx(),
              config.node().xdp() != XdpMode.OFF,
              config.socketLb().isOn(),
              config.direct()));
    } catch (BpfException | IllegalStateException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** As configured, unless this kernel cannot. */
  private SocketLb socketLb(KernelDataplane dataplane) {
    Optional<String> obstacle = dataplane.socketsObstacle();
    if (obstacle.isEmpty()) {
      return config.socketLb();
    }
    log.warn("this kernel refuses the programs for sockets: {}", obstacle.get());
    List<String> lines = obstacle.get().lines().toList();
    return SocketLb.off(lines.get(lines.size() - 1));
  }

  private @Nullable SocketKeeper sockets(KernelDataplane dataplane) {
    return dataplane
        .networks(config.netnsDir())
        .map(networks -> new SocketKeeper(networks, problems, clockNs, new Random()).start())
        .orElse(null);
  }

  /** Null if the programs tell nothing of packets. */
  private @Nullable EventKeeper events(
      KernelDataplane dataplane, EventBook book, ControlLoop loop, KernelEngine engine) {
    return dataplane
        .events()
        .map(
            ring ->
                new EventKeeper(
                        ring,
                        book,
                        () -> System.currentTimeMillis() - clockNs.getAsLong() / 1e6,
                        tell -> loop.tasks().run(() -> engine.setTellAllowed(tell)),
                        () -> loop.tasks().run(() -> book.setServices(engine.servicePorts())),
                        clockNs)
                    .start())
        .orElse(null);
  }

  private void announce(KernelDataplane dataplane) {
    problems.set("host", new PortReservation(NETWORK_SETTINGS).reserve(config.snatPorts()));
    log.info(
        "starting version={} abi={} node={} pid={} kernel={} attach={} xdp={} bpffs={} source={}",
        BuildInfo.VERSION,
        BuildInfo.ABI_HASH,
        config.node().nodeName(),
        ProcessHandle.current().pid(),
        dataplane.features().kernel(),
        dataplane.features().tcx() ? "tcx" : "clsact",
        config.node().xdp(),
        config.bpffs(),
        config.source());
    config.mapSizes().differences(dataplane.sizes()).forEach(log::warn);
    dataplane
        .xdpError()
        .ifPresent(
            text -> log.warn("no XDP, tc does all: the kernel refuses the program\n{}", text));
  }

  /** Makes this the control thread until a signal comes. */
  private static void follow(ControlLoop loop, List<ObjectSource> sources, SourceSink sink) {
    Runtime.getRuntime().addShutdownHook(new Thread(() -> shutDown(loop), "shutdown"));
    Thread.currentThread().setName("control");
    try {
      sources.forEach(source -> source.start(sink));
      loop.run();
    } finally {
      sources.forEach(ObjectSource::close);
    }
  }

  /** On a signal: ends the loop after its round, and the process with status 0. */
  private static void shutDown(ControlLoop loop) {
    if (ENDED.getCount() == 0) {
      return; // it has failed, and is ending with that status
    }
    loop.stop();
    boolean orderly = false;
    try {
      orderly = ENDED.await(SHUTDOWN_MS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    log.info("stopped, everything stays in force orderly={}", orderly);
    Runtime.getRuntime().halt(0);
  }
}
