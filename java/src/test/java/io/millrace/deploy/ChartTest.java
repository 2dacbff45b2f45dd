// SPDX-License-Identifier: Apache-2.0
package io.millrace.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** deploy/chart/millrace, rendered by Helm and held against the API's schemas. */
@Tag("chart")
@EnabledOnOs(architectures = "amd64", disabledReason = "Helm's library is there for amd64 only")
class ChartTest {
  private static final String EVERYTHING =
      """
      apiServer: https://192.0.2.10:6443
      image: {repository: registry.test/millrace, digest: "sha256:%s"}
      imagePullSecrets: [{name: pull}]
      config: {kubeProxyConfiguration: {clusterCIDR: 10.244.0.0/16, mode: ipvs}}
      flags:
        metrics-bind-address: 0.0.0.0:10249
        healthz-bind-address: "[::1]:10256"
      extraArgs: [--tcx=off]
      javaOptions: -Xmx512m
      seLinuxOptions: {type: spc_t}
      serviceAccount: {annotations: {a: b}}
      affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms:
        [{matchExpressions: [{key: a, operator: Exists}]}]}}}
      podAnnotations: {a: b}
      podLabels: {a: b}
      updateStrategy: {maxUnavailable: 10%%}
      serviceMonitor: {enabled: true, labels: {release: prometheus}}
      dashboard: {enabled: true}
      """
          .formatted("0".repeat(64));

  @Test
  void helmFindsNothingWrong() {
    var result = Chart.lint();
    assertThat(result.isFailed()).as("%s", result.getMessages()).isFalse();
    assertThat(result.getMessages()).noneMatch(message -> message.startsWith("[WARNING]"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        Chart.LEAST,
        "config: {kubeProxyConfigMap: kube-proxy}",
        Chart.LEAST + "privileged: true",
        Chart.LEAST + "flags: {healthz-bind-address: ''}",
        Chart.LEAST + "serviceAccount: {create: false}",
        Chart.LEAST + "rbac: {create: false}",
      })
  void theApiKnowsEveryFieldOf(String values) throws IOException {
    validate(Chart.text(values, "1.34.0"));
    validate(Chart.text(values, "1.28.0"));
  }

  @Test
  void theApiKnowsEveryFieldOfAllOptionsTogether() throws IOException {
    String text = Chart.text(EVERYTHING);
    validate(text);
    assertThat(Chart.objects(text))
        .extracting(object -> object.path("kind").asText())
        .containsExactlyInAnyOrder(
            "ServiceAccount",
            "ConfigMap",
            "ConfigMap",
            "ClusterRole",
            "ClusterRoleBinding",
            "Service",
            "DaemonSet",
            "ServiceMonitor");
  }

  @Test
  void theSchemasRefuseWhatTheApiDoesNotKnow() {
    JsonNode daemonSet = Chart.object(Chart.LEAST, "DaemonSet");
    ((ObjectNode) daemonSet.at("/spec/template/spec/containers/0")).put("privileged", true);
    assertThatThrownBy(() -> ApiSchemas.validate(daemonSet)).hasMessageContaining("privileged");

    JsonNode monitor = Chart.object(EVERYTHING, "ServiceMonitor");
    ((ObjectNode) monitor.at("/spec/endpoints/0")).put("intervall", "30s");
    assertThatThrownBy(() -> ApiSchemas.validate(monitor)).hasMessageContaining("intervall");

    JsonNode role = Chart.object(Chart.LEAST, "ClusterRole");
    ((ObjectNode) role.at("/rules/0")).remove("verbs");
    assertThatThrownBy(() -> ApiSchemas.validate(role)).hasMessageContaining("verbs");
  }

  @Test
  void theAgentHasWhatItNeedsAndNoMore() {
    JsonNode pod = Chart.object(Chart.LEAST, "DaemonSet").at("/spec/template/spec");
    JsonNode security = pod.at("/containers/0/securityContext");
    assertThat(security.path("privileged").asBoolean()).isFalse();
    assertThat(security.path("readOnlyRootFilesystem").asBoolean()).isTrue();
    assertThat(security.at("/capabilities/drop")).hasToString("[\"ALL\"]");
    assertThat(security.at("/capabilities/add"))
        .hasToString("[\"BPF\",\"NET_ADMIN\",\"PERFMON\",\"SYS_ADMIN\"]");
    assertThat(pod.path("hostNetwork").asBoolean()).isTrue();
    assertThat(pod.has("hostPID") || pod.has("hostIPC")).isFalse();
    assertThat(pod.path("volumes"))
        .extracting(volume -> volume.at("/hostPath/path").asText())
        .containsExactly("/sys/fs/bpf", "/run/millrace", "/sys/fs/cgroup", "/run/netns");
    assertThat(mount(pod, "netns").path("mountPropagation").asText()).isEqualTo("HostToContainer");
    assertThat(mount(pod, "bpffs").path("mountPropagation").asText()).isEqualTo("HostToContainer");
  }

  @Test
  void aPrivilegedAgentMayMountTheBpffsOfTheNode() {
    JsonNode pod =
        Chart.object(Chart.LEAST + "privileged: true", "DaemonSet").at("/spec/template/spec");
    assertThat(pod.at("/containers/0/securityContext/privileged").asBoolean()).isTrue();
    assertThat(pod.at("/containers/0/securityContext").has("capabilities")).isFalse();
    assertThat(mount(pod, "bpffs").path("mountPropagation").asText()).isEqualTo("Bidirectional");
  }

  @Test
  void itRunsEverywhereAndIsReplacedOneNodeAtATime() {
    JsonNode spec = Chart.object(Chart.LEAST, "DaemonSet").path("spec");
    assertThat(spec.at("/updateStrategy/rollingUpdate/maxUnavailable").asInt()).isEqualTo(1);
    assertThat(spec.at("/updateStrategy/rollingUpdate/maxSurge").asInt(-1)).isZero();
    JsonNode pod = spec.at("/template/spec");
    assertThat(pod.path("priorityClassName").asText()).isEqualTo("system-node-critical");
    assertThat(pod.path("tolerations")).hasToString("[{\"operator\":\"Exists\"}]");
  }

  @Test
  void probesFollowTheAddressThatTheyAreAnsweredOn() {
    assertThat(probe("")).isEqualTo("127.0.0.1:10256/livez");
    assertThat(probe("flags: {healthz-bind-address: '192.0.2.1:10300'}"))
        .isEqualTo("192.0.2.1:10300/livez");
    assertThat(probe("flags: {healthz-bind-address: '[::1]:10300'}")).isEqualTo("::1:10300/livez");
    assertThat(probe("flags: {healthz-bind-address: '[::]:10300'}"))
        .isEqualTo("127.0.0.1:10300/livez");
    assertThat(probe("config: {kubeProxyConfiguration: {healthzBindAddress: '127.0.0.1:10'}}"))
        .isEqualTo("127.0.0.1:10/livez");
    assertThat(probe("flags: {healthz-bind-address: ''}")).isEqualTo(":/");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "flags: {polici: true} # polici",
        "flags: {xdp: generic} # xdp",
        "flags: {max-flows4: many} # max-flows4",
        "flags: {bpffs: /var/bpf} # bpffs",
        "flags: {healthz-bind-address: '10256'} # healthz-bind-address",
        "flags: {cluster-cidr: [10.0.0.0]} # cluster-cidr",
        "apiServer: 192.0.2.10 # apiServer",
        "extraArgs: [tcx] # extraArgs",
        "capabilities: [CAP_BPF] # capabilities",
        "logLevel: verbose # logLevel",
        "config: {kubeProxyConfigMap: a, kubeProxyConfiguration: {mode: x}} # not both",
        "serviceMonitor: {enabled: true} # flags.metrics-bind-address",
        "apiServer: '' # apiServer: name the API server itself",
      })
  void aWrongValueIsNamed(String valuesAndName) {
    String[] parts = valuesAndName.split(" # ", 2);
    String values = parts[0].startsWith("apiServer") ? parts[0] : Chart.LEAST + parts[0];
    assertThatThrownBy(() -> Chart.text(values)).hasMessageContaining(parts[1]);
  }

  private static JsonNode mount(JsonNode pod, String name) {
    for (JsonNode mount : pod.at("/containers/0/volumeMounts")) {
      if (mount.path("name").asText().equals(name)) {
        return mount;
      }
    }
    throw new AssertionError("no mount " + name);
  }

  private static String probe(String values) {
    JsonNode container =
        Chart.object(Chart.LEAST + values, "DaemonSet").at("/spec/template/spec/containers/0");
    JsonNode get = container.at("/livenessProbe/httpGet");
    for (String other : List.of("startupProbe", "readinessProbe")) {
      assertThat(container.at("/" + other + "/httpGet/port")).isEqualTo(get.path("port"));
    }
    return get.path("host").asText()
        + ":"
        + get.path("port").asText()
        + (get.isMissingNode() ? "/" : get.path("path").asText());
  }

  private static void validate(String text) throws IOException {
    for (JsonNode object : Chart.objects(text)) {
      ApiSchemas.validate(object);
    }
  }
}
