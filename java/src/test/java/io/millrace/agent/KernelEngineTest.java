// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.admin.AdminException;
import io.millrace.admin.proto.DropsRequest;
import io.millrace.admin.proto.Error;
import io.millrace.admin.proto.FlowsRequest;
import io.millrace.admin.proto.Request;
import io.millrace.admin.proto.Response;
import io.millrace.admin.proto.Service;
import io.millrace.admin.proto.ServicesRequest;
import io.millrace.admin.proto.Status;
import io.millrace.admin.proto.Table;
import io.millrace.bpf.Errno;
import io.millrace.bpf.XdpState;
import io.millrace.compile.NodeConfig;
import io.millrace.fake.FakeDataplane;
import io.millrace.model.HostState;
import io.millrace.model.Ip;
import io.millrace.model.NodeState;
import io.millrace.model.Protocol;
import io.millrace.model.ServiceKey;
import io.millrace.model.ServiceSpec;
import io.millrace.model.SliceState;
import io.millrace.reconcile.PolicyOptions;
import io.millrace.reconcile.SocketLb;
import io.millrace.source.Change;
import io.millrace.source.KeyedQueue;
import io.millrace.source.SyncGate;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Loop, compiler and reconciler together, over a kernel in memory. */
class KernelEngineTest {
  private static final long S = TimeUnit.SECONDS.toNanos(1);
  private static final int E2BIG = 7;
  private static final HostState.Link ETH0 =
      new HostState.Link(2, "eth0", "", true, 0x0200_0000_0001L, true, 0, false);

  private final FakeDataplane kernel = new FakeDataplane();
  private long nowNs = 5 * S;
  private Agent agent = new Agent();

  /** What dies when an agent does. */
  private final class Agent {
    final ProblemBoard problems = new ProblemBoard(() -> nowNs);
    final KernelEngine engine =
        new KernelEngine(
            NodeConfig.automatic("n1"),
            kernel,
            SocketLb.on(Path.of("/cg")),
            PolicyOptions.OFF,
            SocketUpkeep.NONE,
            () -> nowNs);
    Status status = Status.getDefaultInstance();
    final ControlLoop loop =
        new ControlLoop(
            new KeyedQueue(),
            new SyncGate(Set.of()),
            engine,
            problems,
            TimeUnit.MINUTES.toNanos(5),
            () -> nowNs,
            new Random(1),
            published -> status = published,
            List.of());
    final AdminRequests admin = new AdminRequests(loop, engine, () -> status, Runnable::run, null);

    void turn(Change... changes) {
      loop.turn(true, List.of(changes));
    }

    List<Response> ask(Request request) {
      CompletableFuture<List<Response>> answer = admin.handle(request).toCompletableFuture();
      turn();
      return answer.join();
    }
  }

  @BeforeEach
  void start() {
    agent.turn(cluster());
  }

  @Test
  void whatTheSourcesSayIsInForce() {
    assertThat(agent.status.getState()).isEqualTo(Status.State.SYNCED);
    assertThat(agent.status.getEntriesWritten()).isPositive();
    assertThat(table("svcs4").getEntries()).isEqualTo(2); // the port and the address
    assertThat(table("backends4").getEntries()).isEqualTo(2);
    assertThat(agent.status.getDevicesList())
        .singleElement()
        .satisfies(
            device -> {
              assertThat(device.getName()).isEqualTo("eth0");
              assertThat(device.getRole()).isEqualTo("uplink");
              assertThat(device.getAttached()).isTrue();
              assertThat(device.getProgramsList()).contains("uplink_in4", "uplink_out6");
            });
    assertThat(agent.problems.count()).isZero();
  }

  @Test
  void aRestartWithoutChangesWritesNothing() {
    long writes = kernel.writes();
    agent = new Agent();
    agent.turn(cluster());
    assertThat(agent.status.getState()).isEqualTo(Status.State.SYNCED);
    assertThat(agent.status.getEntriesWritten()).isZero();
    assertThat(kernel.writes()).isEqualTo(writes);
  }

  @Test
  void aRestartWritesOnlyTheDifference() {
    agent = new Agent();
    Change[] cluster = cluster();
    cluster[1] = Change.put(slice("10.244.1.11", "10.244.1.12", "10.244.1.13"));
    agent.turn(cluster);
    assertThat(agent.status.getState()).isEqualTo(Status.State.SYNCED);
    // a backend, a run of three, the flip
    assertThat(agent.status.getEntriesWritten()).isEqualTo(5);
  }

  @Test
  void aRoundThatBreaksStartsOverFromTheKernel() {
    kernel.afterWrite(
        map -> {
          if (map.equals("slots")) {
            throw new IllegalStateException("struck by lightning");
          }
        });
    nowNs += S;
    agent.turn(Change.put(slice("10.244.1.11", "10.244.1.13")));
    assertThat(agent.status.getState()).isEqualTo(Status.State.APPLYING);
    assertThat(agent.status.getWaitingForList()).containsExactly("struck by lightning");

    kernel.afterWrite(map -> {});
    nowNs += 2 * S;
    agent.turn();
    assertThat(agent.status.getState()).isEqualTo(Status.State.SYNCED);
    assertThat(endpoints()).containsExactlyInAnyOrder("10.244.1.11", "10.244.1.13");
    long writes = kernel.writes();
    agent = new Agent();
    Change[] cluster = cluster();
    cluster[1] = Change.put(slice("10.244.1.11", "10.244.1.13"));
    agent.turn(cluster);
    assertThat(agent.status.getState()).isEqualTo(Status.State.SYNCED);
    assertThat(kernel.writes()).as("the new agent finds nothing to mend").isEqualTo(writes);
  }

  @Test
  void writesAreCountedAcrossStartingOver() {
    long before = agent.status.getEntriesWritten();
    kernel.afterWrite(
        map -> {
          throw new IllegalStateException("struck by lightning");
        });
    nowNs += S;
    agent.turn(Change.put(slice("10.244.1.11")));
    kernel.afterWrite(map -> {});
    nowNs += 2 * S;
    agent.turn();
    assertThat(agent.status.getEntriesWritten()).isGreaterThan(before);
  }

  @Test
  void whatTheKernelRefusesIsReportedAndTakenLater() {
    kernel.faults(map -> map.equals("svcs4") ? E2BIG : 0);
    nowNs += S;
    agent.turn(Change.put(service("web", "10.96.0.10")), Change.put(service("api", "10.96.0.11")));
    assertThat(agent.status.getState()).isEqualTo(Status.State.APPLYING);
    assertThat(agent.problems.list(10)).isNotEmpty();

    kernel.faults(map -> 0);
    for (int i = 0; i < 60 && agent.status.getState() != Status.State.SYNCED; i++) {
      nowNs += S;
      agent.turn();
    }
    assertThat(agent.status.getState()).isEqualTo(Status.State.SYNCED);
    assertThat(agent.problems.count()).isZero();
    assertThat(table("svcs4").getEntries()).isEqualTo(4);
  }

  @Test
  void aDeviceWithoutXdpIsServedAllTheSame() {
    assertThat(agent.status.getDevices(0).getXdp()).isEqualTo("native");
    assertThat(agent.status.getFeatures().getXdp()).isEqualTo("auto");
    kernel.setXdp(2, XdpState.NONE);
    kernel.faults(what -> what.equals("xdp") ? Errno.EOPNOTSUPP : 0);
    agent = new Agent();
    agent.turn(cluster());
    assertThat(agent.status.getState()).isEqualTo(Status.State.SYNCED);
    assertThat(agent.problems.count()).isZero();
    assertThat(agent.status.getDevices(0).getAttached()).isTrue();
    assertThat(agent.status.getDevices(0).getTc()).isEqualTo("tcx");
    assertThat(agent.status.getDevices(0).getXdp()).isEqualTo("off: errno 95");
  }

  @Test
  void driftIsFoundAndMended() {
    kernel.loseAttachment(2);
    long began = nowNs;
    while (agent.status.getDrift().getChecks() == 0) {
      nowNs += S;
      agent.turn();
    }
    assertThat(nowNs - began).isBetween(240 * S, 361 * S);
    assertThat(agent.status.getDrift().getRepaired()).isEqualTo(1);
    assertThat(kernel.attachments()).hasSize(1);
    assertThat(agent.status.getState()).isEqualTo(Status.State.SYNCED);
  }

  @Test
  void servicesAreListedWithTheirBackends() {
    List<Response> pages = agent.ask(services("default/web", true));
    Service web = pages.get(pages.size() - 1).getServices().getServices(0);
    assertThat(web.getName()).isEqualTo("web");
    assertThat(web.getType()).isEqualTo("ClusterIP");
    assertThat(web.getPorts(0).getFrontendsList()).containsExactly("10.96.0.10:80");
    assertThat(web.getPorts(0).getEndpointsInUse()).isEqualTo(2);
    assertThat(web.getPorts(0).getEndpointsList())
        .allSatisfy(endpoint -> assertThat(endpoint.getBackendId()).isPositive())
        .extracting(endpoint -> endpoint.getAddress() + " " + endpoint.getInUse())
        .containsExactly("10.244.1.11 true", "10.244.1.12 true");
    assertThat(agent.ask(services("web", false)).get(0).getServices().getServices(0).getPorts(0))
        .extracting(port -> port.getEndpointsCount())
        .isEqualTo(0);
  }

  @Test
  void whatIsNotThereIsNotFound() {
    assertRefused(services("nope", true), Error.Code.NOT_FOUND, "no service nope");
    assertRefused(flows(f -> f.setService("nope")), Error.Code.NOT_FOUND, "no service nope");
    assertRefused(flows(f -> f.setPod("nope")), Error.Code.NOT_FOUND, "no pod nope");
  }

  @Test
  void valuesOutOfRangeAreRefusedByName() {
    assertRefused(flows(f -> f.setLimit(-1)), Error.Code.INVALID_ARGUMENT, "limit -1");
    assertRefused(flows(f -> f.setLimit(100_001)), Error.Code.INVALID_ARGUMENT, "limit 100001");
    assertRefused(flows(f -> f.setAddress("1.2")), Error.Code.INVALID_ARGUMENT, "address 1.2");
    assertRefused(Request.getDefaultInstance(), Error.Code.INVALID_ARGUMENT, "no command");
  }

  @Test
  void oneListAtATime() {
    CompletableFuture<List<Response>> first =
        agent.admin.handle(services("", false)).toCompletableFuture();
    assertRefused(services("", false), Error.Code.BUSY, "ask again");
    agent.turn();
    assertThat(first.join()).hasSize(1);
    assertThat(agent.ask(services("", false))).hasSize(1);
  }

  @Test
  void flowsAndDropsOfAQuietNode() {
    assertThat(agent.ask(flows(f -> f.setService("web"))).get(0).getFlows().getFlowsCount())
        .isZero();
    Request drops = Request.newBuilder().setDrops(DropsRequest.getDefaultInstance()).build();
    assertThat(agent.ask(drops).get(0).hasDrops()).isTrue();
  }

  private void assertRefused(Request request, Error.Code code, String text) {
    assertThatThrownBy(() -> agent.ask(request))
        .hasCauseInstanceOf(AdminException.class)
        .cause()
        .hasMessageContaining(text)
        .extracting("code")
        .isEqualTo(code);
  }

  private static Request services(String name, boolean endpoints) {
    return Request.newBuilder()
        .setServices(ServicesRequest.newBuilder().setName(name).setEndpoints(endpoints))
        .build();
  }

  private static Request flows(java.util.function.UnaryOperator<FlowsRequest.Builder> flags) {
    return Request.newBuilder().setFlows(flags.apply(FlowsRequest.newBuilder())).build();
  }

  private List<String> endpoints() {
    Service web = agent.ask(services("web", true)).get(0).getServices().getServices(0);
    return web.getPorts(0).getEndpointsList().stream().map(e -> e.getAddress()).toList();
  }

  private Table table(String name) {
    return agent.status.getTablesList().stream()
        .filter(table -> table.getName().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static Change[] cluster() {
    HostState host =
        new HostState(
            List.of(ETH0),
            List.of(new HostState.Address(2, Ip.parse("192.0.2.1"), 24, true)),
            List.of(),
            Set.of(2));
    NodeState node =
        new NodeState("n1", List.of(Ip.parse("192.0.2.1")), List.of(), List.of(), "", false, false);
    return new Change[] {
      Change.put(service("web", "10.96.0.10")),
      Change.put(slice("10.244.1.11", "10.244.1.12")),
      Change.put(node),
      Change.put(host)
    };
  }

  private static ServiceSpec service(String name, String clusterIp) {
    return new ServiceSpec(
        new ServiceKey("default", name),
        0,
        false,
        false,
        List.of(Ip.parse(clusterIp)),
        List.of(),
        List.of(),
        false,
        false,
        0,
        List.of(),
        0,
        List.of(new ServiceSpec.Port("http", Protocol.TCP, 80, 0)));
  }

  private static SliceState slice(String... ips) {
    return new SliceState(
        "default",
        "web-1",
        new ServiceKey("default", "web"),
        false,
        false,
        0,
        List.of(new SliceState.Port("http", Protocol.TCP, 8080)),
        java.util.Arrays.stream(ips)
            .map(ip -> new SliceState.Endpoint(Ip.parse(ip), true, true, false, "n1", null))
            .toList());
  }
}
