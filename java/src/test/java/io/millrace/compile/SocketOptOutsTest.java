// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.model.ClusterDelta;
import io.millrace.model.ClusterImage;
import io.millrace.model.Ip;
import io.millrace.model.ObjectKey;
import io.millrace.model.PodState;
import io.millrace.model.Problem;
import io.millrace.source.manifest.Manifests;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The annotation by which a pod asks to see services' own addresses. */
final class SocketOptOutsTest {
  private static final Ip IP4 = Ip.ofV4(0x0a01010b);
  private static final ObjectKey KEY = new ObjectKey(ObjectKey.Kind.POD, "test", "web-1");

  private static PodState pod(@Nullable String node, boolean host, @Nullable String socketLb) {
    return new PodState(
        "test",
        "web-1",
        node,
        host,
        List.of(IP4),
        List.of(),
        socketLb,
        Map.of(),
        List.of(),
        false,
        0);
  }

  private ClusterImage image = ClusterImage.EMPTY;

  private Desired compile(Compiler compiler, PodState... pods) {
    ClusterDelta delta = new ClusterDelta(image);
    for (PodState pod : pods) {
      delta.put(pod);
    }
    image = delta.apply();
    return compiler.compile(image, delta);
  }

  private static List<Problem> podProblems(Compiler compiler) {
    return compiler.problems().stream().filter(each -> each.object().startsWith("Pod")).toList();
  }

  @Test
  void aPodThatSaysOffOptsOutWithAllItsAddresses() {
    Compiler compiler = new Compiler(NodeConfig.automatic("n1"));
    Desired desired = compile(compiler, pod("n1", false, "off"));
    assertThat(desired.node().optedOut()).containsOnlyKeys(KEY).containsValue(List.of(IP4));
    assertThat(podProblems(compiler)).isEmpty();
  }

  @Test
  void theManifestSaysIt() {
    String yaml =
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: web-1, namespace: test, annotations: {millrace.io/socket-lb: "off"}}
        spec: {nodeName: n1}
        status: {podIPs: [{ip: 10.1.1.11}]}
        """;
    assertThat(Manifests.parse(yaml)).containsExactly(pod("n1", false, "off"));
    assertThat(Manifests.parse(yaml.replace("socket-lb", "other")))
        .containsExactly(pod("n1", false, null));
  }

  @Test
  void othersDoNot() {
    Compiler compiler = new Compiler(NodeConfig.automatic("n1"));
    assertThat(compile(compiler, pod("n1", false, null)).node().optedOut()).isEmpty();
    assertThat(compile(compiler, pod("n1", false, "on")).node().optedOut()).isEmpty();
    assertThat(compile(compiler, pod("n2", false, "off")).node().optedOut()).isEmpty();
    assertThat(compile(compiler, pod(null, false, "off")).node().optedOut()).isEmpty();
    PodState finished =
        new PodState(
            "test", "web-1", "n1", false, List.of(), List.of(), "off", Map.of(), List.of(), true,
            0);
    assertThat(compile(compiler, finished).node().optedOut()).isEmpty();
    assertThat(podProblems(compiler)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Off", "no", "false"})
  void whatIsNeitherOnNorOffIsReportedOnThePod(String value) {
    Compiler compiler = new Compiler(NodeConfig.automatic("n1"));
    assertThat(compile(compiler, pod("n1", false, value)).node().optedOut()).isEmpty();
    assertThat(podProblems(compiler))
        .containsExactly(
            new Problem(
                "",
                "Pod test/web-1",
                "metadata.annotations[millrace.io/socket-lb]",
                "must be on or off, is \"" + value + "\"; taken for on meanwhile"));
    compile(compiler, pod("n2", false, value));
    assertThat(podProblems(compiler)).as("a pod of another node").isEmpty();
  }

  @Test
  void aPodOfTheHostsNetworkCannotOptOut() {
    Compiler compiler = new Compiler(NodeConfig.automatic("n1"));
    assertThat(compile(compiler, pod("n1", true, "off")).node().optedOut()).isEmpty();
    assertThat(podProblems(compiler))
        .singleElement()
        .satisfies(problem -> assertThat(problem.reason()).startsWith("has no effect"));
  }
}
