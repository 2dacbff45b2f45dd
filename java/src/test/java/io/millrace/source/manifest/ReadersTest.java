// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.model.Cidr;
import io.millrace.model.Ip;
import io.millrace.model.NodeState;
import io.millrace.model.PodState;
import io.millrace.model.PodState.HostPort;
import io.millrace.model.Problem;
import io.millrace.model.Protocol;
import io.millrace.model.ServiceSpec;
import io.millrace.model.SliceState;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of the fields of a manifest, where the cases of the compiler do not show it. */
final class ReadersTest {
  private static final String SERVICE =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: web}
      spec:
        type: LoadBalancer
        externalTrafficPolicy: Local
        healthCheckNodePort: 32000
        loadBalancerSourceRanges: [" 010.1.2.3/8 ", "2001:db8::1/32"]
        clusterIPs: [10.96.0.1]
        ports: [{port: 80}]
      """;

  private static final String SLICE =
      """
      apiVersion: discovery.k8s.io/v1
      kind: EndpointSlice
      metadata: {name: web-1, labels: {kubernetes.io/service-name: web}}
      addressType: IPv4
      ports: [{port: 80}]
      endpoints:
        - {addresses: [10.1.1.1], hints: {forZones: [{name: a}, {name: b}], forNodes: [{name: n1}]}}
        - {addresses: [10.1.1.2], hints: {forNodes: [{name: n1}], forZones: [{name: a}, {name: b}]}}
        - {addresses: [10.1.1.3], hints: {forZones: [], forNodes: []}}
        - {addresses: [10.1.1.4], hints: {}}
        - {addresses: [10.1.1.5]}
        - {addresses: [10.1.1.6], hints: {forNodes: [{name: n2}]}}
      """;

  private static final String NODE =
      """
      apiVersion: v1
      kind: Node
      metadata: {name: n1}
      spec: {}
      """;

  private static final String POD =
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: web}
      spec:
        containers:
          - ports:
              - {containerPort: 8080, hostPort: 80}
              - {containerPort: 8081}
              - {containerPort: 8082, hostPort: 0}
              - {containerPort: 8080, hostPort: 80, protocol: UDP}
          - ports: [{containerPort: 8083, hostPort: 80, hostIP: 127.0.0.1}]
          - {}
        initContainers:
          - ports: [{containerPort: 8084, hostPort: 81}]
          - {restartPolicy: Always, ports: [{containerPort: 8085, hostPort: 82, hostIP: "::"}]}
      status: {phase: Running, podIP: 10.1.1.1}
      """;

  private static <T> T read(Class<T> kind, String yaml) {
    return kind.cast(Manifests.parse(yaml).get(0));
  }

  @Test
  void sourceRangesAreTrimmedAndMayBeSloppy() {
    assertThat(read(ServiceSpec.class, SERVICE).sourceRanges())
        .containsExactly(Cidr.parse("10.0.0.0/8"), Cidr.parse("2001:db8::/32"));
  }

  @Test
  void onlyALoadBalancerHasSourceRangesAndAHealthPort() {
    assertThat(read(ServiceSpec.class, SERVICE).healthCheckNodePort()).isEqualTo(32000);
    ServiceSpec nodePort = read(ServiceSpec.class, SERVICE.replace("LoadBalancer", "NodePort"));
    assertThat(nodePort.sourceRanges()).isEmpty();
    assertThat(nodePort.healthCheckNodePort()).isZero();
    ServiceSpec cluster = read(ServiceSpec.class, SERVICE.replace("Local", "Cluster"));
    assertThat(cluster.sourceRanges()).hasSize(2);
    assertThat(cluster.healthCheckNodePort()).isZero();
  }

  @Test
  void equalHintsAreOneObjectAndEmptyOnesNone() {
    List<SliceState.Endpoint> endpoints = read(SliceState.class, SLICE).endpoints();
    SliceState.Hints first = Objects.requireNonNull(endpoints.get(0).hints());
    assertThat(first).isEqualTo(new SliceState.Hints(List.of("a", "b"), List.of("n1")));
    assertThat(endpoints.get(1).hints()).isSameAs(first);
    assertThat(endpoints.subList(2, 5)).allMatch(endpoint -> endpoint.hints() == null);
    assertThat(endpoints.get(5).hints()).isEqualTo(new SliceState.Hints(List.of(), List.of("n2")));
  }

  @Test
  void aSliceKnowsWhenItWasTriggered() {
    assertThat(read(SliceState.class, SLICE).triggeredMs()).isZero();
    String annotated =
        SLICE.replace(
            "{name: web-1,",
            "{name: web-1, annotations: {endpoints.kubernetes.io/last-change-trigger-time:"
                + " '2026-01-31T12:00:00.987654321Z'},");
    assertThat(read(SliceState.class, annotated).triggeredMs())
        .isEqualTo(Instant.parse("2026-01-31T12:00:00.987Z").toEpochMilli());
  }

  @Test
  void aServiceKnowsItsAgeInSeconds() {
    String aged =
        SERVICE.replace("{name: web}", "{name: web, creationTimestamp: '2026-01-31T12:00:00.9Z'}");
    assertThat(read(ServiceSpec.class, aged).createdEpochSecond())
        .isEqualTo(Instant.parse("2026-01-31T12:00:00Z").getEpochSecond());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{name: n1} | {} | '' | false | false",
        "{name: n1, labels: {topology.kubernetes.io/zone: z1}} | {} | z1 | false | false",
        "{name: n1, deletionTimestamp: '2026-01-31T12:00:00Z'} | {} | '' | true | false",
        "{name: n1} | {taints: [{key: a}, {key: ToBeDeletedByClusterAutoscaler}]} | '' | false | true",
        "{name: n1} | {taints: [{key: ToBeDeleted, effect: NoSchedule}]} | '' | false | false",
      })
  void nodes(String metadata, String spec, String zone, boolean deleting, boolean tainted) {
    String yaml = NODE.replace("{name: n1}", metadata).replace("spec: {}", "spec: " + spec);
    assertThat(read(NodeState.class, yaml))
        .isEqualTo(new NodeState("n1", List.of(), List.of(), List.of(), zone, deleting, tainted));
  }

  @Test
  void hostPortsAreThoseOfContainersThatStay() {
    assertThat(read(PodState.class, POD).hostPorts())
        .containsExactly(
            new HostPort(null, 80, Protocol.TCP, 8080),
            new HostPort(null, 80, Protocol.UDP, 8080),
            new HostPort(Ip.parse("127.0.0.1"), 80, Protocol.TCP, 8083),
            new HostPort(Ip.parse("::"), 82, Protocol.TCP, 8085));
  }

  @Test
  void aPodThatHasFinishedIsNoneAndOneOnTheHostsNetworkHasNone() { // policy L5
    for (String phase : List.of("Succeeded", "Failed")) {
      ManifestFile file =
          ManifestFile.read("a.yaml", POD.replace("Running", phase), null, new ManifestParser());
      assertThat(file.objects()).isEmpty();
      assertThat(file.problems()).isEmpty();
    }
    String onHost = POD.replace("spec:\n", "spec:\n  hostNetwork: true\n");
    assertThat(read(PodState.class, onHost).hostPorts()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{containerPort: 8081} | {containerPort: 8081, hostPort: 80} | spec.containers[0].ports[1].hostPort | duplicate port 80/TCP",
        "hostIP: 127.0.0.1 | hostIP: localhost | spec.containers[1].ports[0].hostIP | \"localhost\" is not an IP address",
        "hostPort: 82 | hostPort: 65536 | spec.initContainers[1].ports[0].hostPort | must be 0…65535, is 65536",
        "{containerPort: 8080, hostPort: 80} | {hostPort: 80} | spec.containers[0].ports[0].containerPort | is missing",
      })
  void badHostPorts(String good, String bad, String field, String reason) {
    ManifestFile file =
        ManifestFile.read("a.yaml", POD.replace(good, bad), null, new ManifestParser());
    assertThat(file.problems())
        .containsExactly(
            new Problem(
                "a.yaml document 1", "Pod default/web", field, reason + "; it is not served"));
  }

  @Test
  void portsThatAreNotOfTheHostAreNotLookedAt() {
    String odd = POD.replace("{containerPort: 8081}", "{}").replace("hostPort: 81", "hostPort: -1");
    assertThat(read(PodState.class, odd)).isEqualTo(read(PodState.class, POD));
  }
}
