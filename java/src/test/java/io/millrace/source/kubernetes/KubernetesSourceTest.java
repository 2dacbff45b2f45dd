// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.fake.Await;
import io.millrace.fake.api.ApiResource;
import io.millrace.fake.api.ApiStore;
import io.millrace.fake.api.Call;
import io.millrace.fake.api.Fault;
import io.millrace.fake.api.Fault.End;
import io.millrace.model.ObjectKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The source against a server over HTTP, well and unwell. */
@Timeout(60)
final class KubernetesSourceTest {
  private static final String[] ALL = {"s0", "s1", "s2", "s3", "s4", "s5", "s6"};

  private ApiNode node;

  @TempDir Path dir;

  @BeforeEach
  void makeServer() throws IOException {
    node = ApiNode.withServices();
  }

  @AfterEach
  void close() {
    node.close();
  }

  private void start() throws Exception {
    node.start(ApiConfig.ofKubeconfig(node.server.kubeconfig(dir), null));
  }

  private void startAndSync() throws Exception {
    start();
    node.awaitSynced();
    node.awaitWatches();
  }

  private int lists() {
    return node.server.stats().count(Call.list(ApiResource.SERVICES));
  }

  @Test
  void listsInPagesAndFollows() throws Exception {
    startAndSync();
    node.awaitServices(ALL);
    assertThat(lists()).isEqualTo(3);
    assertThat(node.detail()).contains(node.server.uri().toString()).contains("services 7");

    node.put("s9");
    node.store().delete(ApiResource.SERVICES, "a", "s0");
    node.awaitServices("s1", "s2", "s3", "s4", "s5", "s6", "s9");
    assertThat(node.sink.synced()).isEqualTo(1);
    assertThat(lists()).isEqualTo(3);
  }

  /** S-003, S-004: the server is asked to leave them out, and tells when that changes. */
  @Test
  void servicesOfOthersAreNotSent() throws Exception {
    String label = "service.kubernetes.io/service-proxy-name";
    startAndSync();
    relabel("s0", label);
    node.awaitServices("s1", "s2", "s3", "s4", "s5", "s6");
    relabel("s0", "ours");
    node.awaitServices(ALL);
    relabel("s1", "service.kubernetes.io/headless");
    node.awaitServices("s0", "s2", "s3", "s4", "s5", "s6");
  }

  private void relabel(String name, String label) {
    node.store()
        .change(
            ApiResource.SERVICES,
            "a",
            name,
            tree -> tree.withObject("/metadata").putObject("labels").put(label, "x"));
  }

  @Test
  void podsOfAllNodesUntilTheyHaveFinished() throws Exception { // policy L5
    for (String of : new String[] {"n1", "n2"}) {
      putPod("on-" + of, of, "Running");
      putPod("done-" + of, of, "Succeeded");
    }
    startAndSync();
    assertThat(node.sink.names(ObjectKey.Kind.POD)).containsExactlyInAnyOrder("on-n1", "on-n2");
    node.awaitWatches();
    putPod("on-n2", "n2", "Failed");
    node.sink.await(() -> node.sink.names(ObjectKey.Kind.POD).size() == 1);
    assertThat(node.sink.names(ObjectKey.Kind.POD)).containsExactly("on-n1");
  }

  /** S-176. */
  @Test
  void nothingIsProgrammedBeforeThereIsANodeObject() throws Exception {
    node.store().delete(ApiResource.NODES, "", "n1");
    start();
    node.sink.await(() -> node.sink.problems().startsWith("[Node n1: "));
    node.awaitServices(ALL);
    node.awaitWatches();
    assertThat(node.sink.synced()).isZero();
    node.store().put("{apiVersion: v1, kind: Node, metadata: {name: n1}}");
    node.awaitSynced();
    node.sink.await(() -> node.sink.problems().equals("[]"));
  }

  private void putPod(String name, String of, String phase) {
    node.store()
        .put(
            """
            {apiVersion: v1, kind: Pod, metadata: {name: %s, namespace: a},
             spec: {nodeName: %s, containers: []},
             status: {phase: %s, podIPs: [{ip: 10.1.1.1}]}}
            """
                .formatted(name, of, phase));
  }

  static Stream<Fault> faults() {
    return Stream.of(
        Fault.status(429, 0),
        Fault.status(500, 0),
        Fault.status(503, 1),
        Fault.status(404, 0),
        Fault.gone(),
        Fault.garbage(),
        Fault.breakAfter(0, End.CLOSED),
        Fault.breakAfter(300, End.CLEAN),
        Fault.breakAfter(300, End.CLOSED),
        Fault.breakAfter(300, End.RESET),
        Fault.breakAfter(300, End.SILENT),
        Fault.noAnswer(End.CLOSED),
        Fault.noAnswer(End.SILENT),
        Fault.slow(20_000));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void theFirstListSurvives(Fault fault) throws Exception {
    node.server.faults().next(Call.list(ApiResource.SERVICES), fault, 2);
    start();
    node.awaitSynced();
    node.awaitServices(ALL);
    assertThat(node.sink.removed()).isEmpty();
  }

  /** The list after a 410 breaks in its second page: nothing half-way is taken for the whole. */
  @ParameterizedTest
  @MethodSource("faults")
  void aListInBetweenSurvives(Fault fault) throws Exception {
    startAndSync();
    node.server.faults().next(Call.nextPage(ApiResource.SERVICES), fault, 1);
    node.server.stop(End.RESET);
    node.store().delete(ApiResource.SERVICES, "a", "s0");
    node.put("s9");
    node.store().compact();
    node.server.restart();
    node.awaitServices("s1", "s2", "s3", "s4", "s5", "s6", "s9");
    assertThat(node.sink.removed()).containsExactly("s0");
    assertThat(node.server.faults().left()).isZero();
  }

  @ParameterizedTest
  @MethodSource("faults")
  void watchesSurvive(Fault fault) throws Exception {
    startAndSync();
    node.server.faults().next(Call.watch(ApiResource.SERVICES), fault, 2);
    node.server.endWatches(End.CLOSED);
    node.store().delete(ApiResource.SERVICES, "a", "s0");
    node.put("s8");
    node.put("s9");
    node.awaitServices("s1", "s2", "s3", "s4", "s5", "s6", "s8", "s9");
    assertThat(node.sink.removed()).containsExactly("s0");
  }

  @ParameterizedTest
  @MethodSource("ends")
  void openWatchesEnd(End end) throws Exception {
    startAndSync();
    node.server.endWatches(end);
    node.put("s9");
    node.awaitServices("s0", "s1", "s2", "s3", "s4", "s5", "s6", "s9");
    assertThat(node.sink.removed()).isEmpty();
    assertThat(lists()).as("a watch goes on where it was").isEqualTo(3);
  }

  static Stream<End> ends() {
    return Stream.of(End.values());
  }

  @Test
  void errorEventsOfAWatch() throws Exception {
    startAndSync();
    for (int code : new int[] {410, 500, 504}) {
      node.server.faults().next(Call.watch(ApiResource.SERVICES), Fault.errorEvent(code), 1);
      node.server.endWatches(End.CLEAN);
      Await.until("all faults", () -> node.server.faults().left() == 0);
      node.put("after-" + code);
      node.sink.await(() -> node.sink.names(ObjectKey.Kind.SERVICE).contains("after-" + code));
    }
    assertThat(node.sink.removed()).isEmpty();
  }

  @Test
  void pagesThatExpireAgainAndAgain() throws Exception {
    node.server.faults().next(Call.nextPage(ApiResource.SERVICES), Fault.gone(), 5);
    start();
    node.awaitSynced();
    node.awaitServices(ALL);
    // After the second time it is asked for in one piece.
    assertThat(node.server.faults().left()).isEqualTo(3);
  }

  @Test
  void theServerIsAwayAndComesBack() throws Exception {
    startAndSync();
    node.server.stop(End.CLOSED);
    node.sink.await(() -> node.sink.problems().contains("what is known stays"));
    node.put("s9");
    node.store().delete(ApiResource.SERVICES, "a", "s6");
    assertThat(node.sink.removed()).isEmpty();
    node.server.restart();
    node.awaitServices("s0", "s1", "s2", "s3", "s4", "s5", "s9");
    node.awaitWatches();
    node.sink.await(() -> node.sink.problems().equals("[]"));
    assertThat(node.sink.removed()).containsExactly("s6");
  }

  @Test
  void thereIsNoServerYet() throws Exception {
    node.server.stop(End.CLOSED);
    start();
    node.sink.await(() -> node.sink.problems().contains("nothing is known yet"));
    assertThat(node.sink.synced()).isZero();
    node.server.restart();
    node.awaitSynced();
    node.awaitServices(ALL);
  }

  @Test
  void anotherServerKnowsLess() throws Exception {
    startAndSync();
    ApiStore.Saved older = node.store().save();
    node.put("s8");
    node.awaitServices("s0", "s1", "s2", "s3", "s4", "s5", "s6", "s8");
    node.server.faults().next(Call.watch(ApiResource.SERVICES), Fault.gone(), 1);
    node.server.failOver(older);
    node.sink.await(() -> node.sink.problems().contains("an older state"));
    assertThat(node.sink.removed()).isEmpty();
    node.put("s8");
    node.put("s9");
    node.awaitServices("s0", "s1", "s2", "s3", "s4", "s5", "s6", "s8", "s9");
    assertThat(node.sink.removed()).isEmpty();
    node.sink.await(() -> node.sink.problems().equals("[]"));
  }

  @Test
  void anInvalidObjectKeepsItsLastGoodVersion() throws Exception {
    startAndSync();
    ObjectKey key = new ObjectKey(ObjectKey.Kind.SERVICE, "a", "s3");
    Object good = node.sink.get(key);
    node.store()
        .change(
            ApiResource.SERVICES, "a", "s3", tree -> tree.withObject("/spec").put("ports", "no"));
    node.sink.await(() -> node.sink.problems().contains("Service a/s3"));
    assertThat(node.sink.get(key)).isEqualTo(good);
    node.put("s3");
    node.sink.await(() -> node.sink.problems().equals("[]"));
    assertThat(node.sink.removed()).isEmpty();
  }

  @Test
  void allIsDeleted() throws Exception {
    startAndSync();
    node.server.stop(End.RESET);
    for (String name : ALL) {
      node.store().delete(ApiResource.SERVICES, "a", name);
    }
    node.store().compact();
    node.server.restart();
    node.awaitServices();
  }
}
