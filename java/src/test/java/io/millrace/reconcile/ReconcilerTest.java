// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.millrace.bpf.MapName;
import io.millrace.bpf.Role;
import io.millrace.compile.Desired;
import io.millrace.compile.NodeConfig;
import io.millrace.compile.NodeTables;
import io.millrace.compile.policy.PolicyTables;
import io.millrace.fake.FakeDataplane;
import io.millrace.model.Cidr;
import io.millrace.model.ObjectKey;
import io.millrace.model.Problem;
import io.millrace.source.manifest.Manifests;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What happens when the kernel refuses, is full, or has been tampered with. */
final class ReconcilerTest {
  private static final NodeConfig CONFIG = NodeConfig.automatic("n1");
  private static final String HOST =
      "link 2 eth0 ethernet up default\naddress 2 192.0.2.1\nlink 5 veth5 veth peer\n"
          + "route 10.1.1.1 5";

  private Node node = new Node(new FakeDataplane(), CONFIG);

  private static String service(int index, int endpoints) {
    StringBuilder yaml = new StringBuilder();
    yaml.append(
        String.format(
            "{apiVersion: v1, kind: Service, metadata: {name: s%d}, spec: {clusterIPs: [10.96.0.%d,"
                + " 'fd00:96::%d'], ports: [{port: 80}]}}%n---%n",
            index, index, index));
    for (boolean v6 : new boolean[] {false, true}) {
      yaml.append(
          String.format(
              "{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: s%d-%s,"
                  + " labels: {kubernetes.io/service-name: s%d}}, addressType: %s, ports: [{port:"
                  + " 80}], endpoints: [",
              index, v6 ? "6" : "4", index, v6 ? "IPv6" : "IPv4"));
      for (int i = 1; i <= endpoints; i++) {
        yaml.append(String.format("{addresses: ['%s%d']},", v6 ? "fd00:1::" : "10.1.1.", i));
      }
      yaml.append("]}\n---\n");
    }
    return yaml.toString();
  }

  private void put(String yaml) {
    node.put(Manifests.parse(yaml));
  }

  private void start(int services) {
    node.put(List.of(HostScript.read(HOST.lines().toList())));
    for (int i = 1; i <= services; i++) {
      put(service(i, 3));
    }
    node.settle();
  }

  private static NodeConfig withBlock(String cidr) {
    return new NodeConfig(
        CONFIG.nodeName(),
        null,
        null,
        List.of(Cidr.parse(cidr)),
        CONFIG.nodePortAddresses(),
        CONFIG.externalIps(),
        CONFIG.xdp(),
        CONFIG.sockets());
  }

  private MapStatus status(String map) {
    return node.reconciler.status().tables().stream()
        .filter(each -> each.map().equals(map))
        .findFirst()
        .orElseThrow();
  }

  private List<String> problems() {
    return node.reconciler.status().problems().stream().map(Problem::toString).toList();
  }

  /** Refuses writes to one map, the first {@code after} of them excepted. */
  private static ToIntFunction<String> refuse(String map, int after, int errno) {
    int[] seen = new int[1];
    return each -> each.equals(map) && seen[0]++ >= after ? errno : 0;
  }

  @ParameterizedTest
  @ValueSource(strings = {"backends4", "backends6", "svcs4", "svcs6", "endpoints4", "devs"})
  void aRefusedMapStopsOnlyWhatDependsOnIt(String map) {
    node.kernel.faults(refuse(map, 0, 12));
    start(3);
    node.view().checkReferences();
    boolean six = map.endsWith("6");
    assertThat(node.view().svcs.keySet().stream().anyMatch(key -> key.ip().isV6() != six)).isTrue();
    assertThat(node.reconciler.status().settled()).isFalse();
    assertThat(status(map).errno()).isEqualTo(12);
    assertThat(problems()).anySatisfy(each -> assertThat(each).contains("map " + map));
    if (map.startsWith("backends")) {
      assertThat(node.view().svcs.keySet())
          .noneMatch(key -> key.ip().isV6() == six && !key.isAddress());
    }
    node.kernel.faults(each -> 0);
    node.advance(100 * Node.SECOND_NS);
    assertThat(node.reconciler.status().settled()).isTrue();
    assertThat(node.view().meaning()).isEqualTo(Meaning.of(CONFIG, node.image));
    assertThat(problems()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"svcs4, 3", "svcs6, 1", "backends4, 5", "backends6, 8"})
  void aBatchThatFailsInTheMiddleGoesOnBehindTheRefusedEntry(String map, int after) {
    boolean[] refused = new boolean[1];
    int[] seen = new int[1];
    node.kernel.faults(
        each -> {
          if (!each.equals(map) || refused[0] || seen[0]++ < after) {
            return 0;
          }
          refused[0] = true;
          return 16;
        });
    node.put(List.of(HostScript.read(HOST.lines().toList())));
    for (int i = 1; i <= 4; i++) {
      put(service(i, 3));
    }
    node.run();
    node.view().checkReferences();
    assertThat(status(map).pending()).isEqualTo(1);
    node.advance(2 * Node.SECOND_NS);
    assertThat(node.view().meaning()).isEqualTo(Meaning.of(CONFIG, node.image));
  }

  @Test
  void aFullServiceMapIsReportedAndUsedAgainWhenThereIsRoom() {
    node = new Node(new FakeDataplane(16, 256), CONFIG);
    for (int i = 1; i <= 9; i++) {
      put(service(i, 1));
    }
    node.settle();
    assertThat(status("svcs4").errno()).isEqualTo(7);
    assertThat(problems()).isNotEmpty();
    node.view().checkReferences();
    node.remove(new ObjectKey(ObjectKey.Kind.SERVICE, "default", "s1"));
    node.remove(new ObjectKey(ObjectKey.Kind.SERVICE, "default", "s2"));
    node.settle();
    node.advance(100 * Node.SECOND_NS);
    assertThat(node.view().meaning()).isEqualTo(Meaning.of(CONFIG, node.image));
    assertThat(problems()).isEmpty();
  }

  @Test
  void aPortThatGetsNoBackendIdsOrSlotsKeepsItsOldState() {
    node = new Node(new FakeDataplane(12, 20), CONFIG);
    put(service(1, 3));
    node.settle();
    Map<?, String> before = node.view().meaning();
    put(service(1, 11));
    node.settle();
    assertThat(node.view().meaning()).isEqualTo(before);
    assertThat(problems()).anySatisfy(each -> assertThat(each).contains("Service default/s1"));
    put(service(1, 4));
    node.settle();
    assertThat(node.view().meaning()).isEqualTo(Meaning.of(CONFIG, node.image));
    assertThat(problems()).isEmpty();
  }

  /** Half of the arena is for the sets; a ring that finds no room is done without, and said so. */
  @Test
  void aRingThatFindsNoRoomIsDoneWithoutUntilThereIsSome() {
    node = new Node(new FakeDataplane(64, 2 * 100), CONFIG);
    node.put(List.of(HostScript.read(HOST.lines().toList())));
    put(nodePort(1, 3));
    put(nodePort(2, 3));
    node.settle();
    node.view().checkReferences();
    assertThat(rings()).containsExactly("192.0.2.1:30001/TCP");
    assertThat(problems())
        .containsExactly(
            "Service default/s2/TCP: no room for a Maglev ring of 64 slots, its outside clients"
                + " get random backends; raise --max-slots");
    long before = node.kernel.writes();
    node.advance(100 * Node.SECOND_NS);
    node.restart();
    node.settle();
    assertThat(node.kernel.writes()).as("while nothing changes").isEqualTo(before);
    node.remove(new ObjectKey(ObjectKey.Kind.SERVICE, "default", "s1"));
    node.settle();
    node.advance(100 * Node.SECOND_NS);
    assertThat(rings()).containsExactly("192.0.2.1:30002/TCP");
    assertThat(node.view().meaning()).isEqualTo(Meaning.of(CONFIG, node.image));
    assertThat(problems()).isEmpty();
  }

  /** A changed endpoint costs one ring, and that of no other service. */
  @Test
  void oneChangedEndpointRewritesOneRing() {
    node.put(List.of(HostScript.read(HOST.lines().toList())));
    put(nodePort(1, 3));
    put(nodePort(2, 3));
    node.settle();
    long before = status("slots").writes();
    put(nodePort(2, 4));
    node.settle();
    assertThat(status("slots").writes() - before).isEqualTo(64 + 4);
    put(nodePort(2, 4).replace("nodePort: 30002", "nodePort: 30003"));
    node.settle();
    assertThat(status("slots").writes() - before).isEqualTo(64 + 4);
    assertThat(rings()).containsExactly("192.0.2.1:30001/TCP", "192.0.2.1:30003/TCP");
  }

  private static String nodePort(int index, int endpoints) {
    return service(index, endpoints)
        .replace("port: 80}]}}", "port: 80, nodePort: " + (30_000 + index) + "}]}}")
        .replace(", 'fd00:96::" + index + "'", "")
        .replace("spec: {", "spec: {type: NodePort, ");
  }

  private List<String> rings() {
    return node.view().svcs.entrySet().stream()
        .filter(each -> each.getValue().ringCount() > 0)
        .map(each -> each.getKey().toString())
        .toList();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"SVCS4", "SVCS6", "BACKENDS4", "BACKENDS6", "ENDPOINTS4", "CLUSTER4", "DEVS"})
  void anAuditMendsWhatWasTamperedWithAndCountsIt(String map) {
    node = new Node(new FakeDataplane(), withBlock("10.99.0.0/16"));
    start(3);
    List<String> before = node.view().dump();
    node.kernel.fakeMap(MapName.valueOf(map)).spoilFirst();
    assertThat(node.reconciler.audit()).isEqualTo(1);
    node.settle();
    assertThat(node.view().dump()).isEqualTo(before);
    node.kernel.fakeMap(MapName.valueOf(map)).loseFirst();
    assertThat(node.reconciler.audit()).isEqualTo(1);
    node.settle();
    assertThat(node.view().meaning()).isEqualTo(Meaning.of(CONFIG, node.image));
    assertThat(node.reconciler.status().drift()).isEqualTo(2);
    assertThat(node.reconciler.audit()).isZero();
  }

  @Test
  void anAuditMendsSlotsAndAttachments() {
    start(1);
    put(nodePort(2, 3));
    node.settle();
    int base = node.view().svcs.values().stream().mapToInt(SvcEntry::allBase).max().orElseThrow();
    node.kernel.spoilSlot(base, 4000);
    int ring = node.view().svcs.values().stream().mapToInt(SvcEntry::ringBase).max().orElseThrow();
    node.kernel.spoilSlot(ring + 60, 4000);
    node.kernel.loseAttachment(5);
    assertThat(node.reconciler.audit()).isEqualTo(3);
    node.settle();
    node.view().checkReferences();
    assertThat(node.kernel.attachments()).extracting(each -> each.ifindex()).containsExactly(2, 5);
  }

  @Test
  void aDeviceThatRefusesIsTriedAgainAndOneThatIsGoneIsNoProblem() {
    node.kernel.faults(refuse("attachments", 1, 16));
    start(1);
    assertThat(problems()).anySatisfy(each -> assertThat(each).startsWith("device veth5: attach"));
    node.kernel.faults(refuse("attachments", 0, 19));
    node.advance(100 * Node.SECOND_NS);
    assertThat(problems()).isEmpty();
    node.kernel.faults(each -> 0);
    node.advance(100 * Node.SECOND_NS);
    assertThat(node.kernel.attachments())
        .extracting(each -> each.role())
        .containsExactly(Role.UPLINK, Role.POD);
  }

  @Test
  void leftoversOfAnotherLifeAreClearedAndNothingElse() {
    start(3);
    node.remove(new ObjectKey(ObjectKey.Kind.SERVICE, "default", "s2"));
    node.restart();
    node.run();
    assertThat(node.view().meaning()).isEqualTo(Meaning.of(CONFIG, node.image));
    assertThat(node.view().activeBackends()).hasSize(12);
    assertThat(node.reconciler.status().writes()).as("frontends, backends").isEqualTo(4 + 6);
    node.advance(3 * Node.SECOND_NS);
    assertThat(node.view().activeBackends()).hasSize(12);
    assertThat(node.reconciler.status().writes()).isEqualTo(4 + 6 + 6);
  }

  /** Between the two writes that take a backend away an agent may die, and the port with it. */
  @Test
  void whatTheAgentBeforeHasWithdrawnIsFreed() {
    start(3);
    node.remove(new ObjectKey(ObjectKey.Kind.SERVICE, "default", "s2"));
    node.run();
    assertThat(withdrawn()).isEqualTo(6);
    node.restart();
    node.run();
    assertThat(withdrawn()).isEqualTo(6);
    node.advance(3 * Node.SECOND_NS);
    assertThat(withdrawn()).isZero();
    assertThat(node.view().activeBackends()).hasSize(12);
    assertThat(node.reconciler.status().writes()).isEqualTo(6);
  }

  private long withdrawn() {
    return node.view().dump().stream().filter(line -> line.contains("withdrawn")).count();
  }

  @Test
  void twoPortsThatClaimOneIdGetDifferentOnes() {
    start(2);
    KernelView view = node.view();
    SvcEntry first =
        view.svcs.values().stream().filter(each -> each.id() == 1).findFirst().orElseThrow();
    SvcCodec codec = new SvcCodec(false);
    BatchBuffers buffers = new BatchBuffers();
    view.svcs.forEach(
        (frontend, entry) -> {
          if (entry.id() == 2 && frontend.ip().isV4()) {
            codec.writeKey(buffers.keys(), 0, frontend);
            codec.writeValue(buffers.values(), 0, first);
            node.kernel.map(MapName.SVCS4).update(buffers.keys(), buffers.values(), 1);
          }
        });
    node.restart();
    node.settle();
    node.view().checkReferences();
    assertThat(node.view().meaning()).isEqualTo(Meaning.of(CONFIG, node.image));
    assertThat(node.view().activeBackends()).hasSize(12);
  }

  @Test
  void aFullBatchOfEveryTableFitsTheBuffers() {
    BatchBuffers buffers = new BatchBuffers();
    for (Codec<?, ?> codec :
        List.of(
            new SvcCodec(true),
            new BackendCodec(true),
            new EndpointCodec(true),
            new DeviceCodec())) {
      assertThat(buffers.keys().remaining() / codec.keySize())
          .isGreaterThanOrEqualTo(BatchBuffers.ENTRIES);
      assertThat(buffers.values().remaining() / codec.valueSize())
          .isGreaterThanOrEqualTo(BatchBuffers.ENTRIES);
    }
  }

  @Test
  void onlyACompleteStateRestores() {
    Desired part =
        new Desired(false, List.of(), Set.of(), Map.of(), NodeTables.EMPTY, PolicyTables.EMPTY);
    assertThatIllegalArgumentException().isThrownBy(() -> node.reconciler.restore(part));
  }
}
