// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.model.Cidr;
import io.millrace.model.LabelSelector;
import io.millrace.model.LabelSelector.Operator;
import io.millrace.model.LabelSelector.Requirement;
import io.millrace.model.NamespaceState;
import io.millrace.model.PodState;
import io.millrace.model.PodState.NamedPort;
import io.millrace.model.PolicyState;
import io.millrace.model.PolicyState.Block;
import io.millrace.model.PolicyState.Pods;
import io.millrace.model.PolicyState.PortName;
import io.millrace.model.PolicyState.PortRange;
import io.millrace.model.PolicyState.Rule;
import io.millrace.model.Problem;
import io.millrace.model.Protocol;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** NetworkPolicies, and what else policies ask for, as they are read. */
final class PolicyReaderTest {
  private static final String KEY = "NetworkPolicy shop/web";

  private static String policy(String spec) {
    return """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: web, namespace: shop}
        spec: %s
        """
        .formatted(spec);
  }

  private static ManifestFile file(String yaml) {
    return ManifestFile.read("a.yaml", yaml, null, new ManifestParser());
  }

  private static PolicyState read(String spec) {
    ManifestFile file = file(policy(spec));
    assertThat(file.problems()).isEmpty();
    return only(file);
  }

  private static PolicyState only(ManifestFile file) {
    assertThat(file.objects()).hasSize(1);
    return (PolicyState) file.objects().values().iterator().next();
  }

  private static LabelSelector label(String key, String value) {
    return LabelSelector.of(List.of(new Requirement(key, Operator.IN, List.of(value))));
  }

  @ParameterizedTest // policy S4, S10
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | true | false",
        "{podSelector: {}, ingress: []} | true | false",
        "{egress: []} | true | false",
        "{egress: [{}]} | true | true",
        "{policyTypes: [], egress: [{}]} | true | true",
        "{policyTypes: [Ingress], egress: [{}]} | true | false",
        "{policyTypes: [Egress], ingress: [{}]} | false | true",
        "{policyTypes: [Egress, Ingress]} | true | true",
      })
  void directions(String spec, boolean ingress, boolean egress) {
    PolicyState policy = read(spec);
    assertThat(policy.hasIngress()).isEqualTo(ingress);
    assertThat(policy.hasEgress()).isEqualTo(egress);
    assertThat(policy.podSelector()).isEqualTo(LabelSelector.ALL);
  }

  @Test // policy S7, S8, S9, P1, P2, P3
  void peersAndPorts() {
    PolicyState policy =
        read(
            """
            {ingress: [
               {},
               {from: [{podSelector: {}},
                       {namespaceSelector: {}},
                       {namespaceSelector: {}, podSelector: {matchLabels: {a: b}}},
                       {ipBlock: {cidr: 10.1.2.3/8, except: [10.9.9.9/16]}}],
                ports: [{}, {protocol: UDP}, {port: 80}, {port: 80, endPort: 90, protocol: SCTP},
                        {port: http}]}]}""");
    assertThat(policy.ingress())
        .containsExactly(
            new Rule(List.of(), List.of()),
            new Rule(
                List.of(
                    new Pods(null, LabelSelector.ALL),
                    new Pods(LabelSelector.ALL, LabelSelector.ALL),
                    new Pods(LabelSelector.ALL, label("a", "b")),
                    new Block(Cidr.parse("10.0.0.0/8"), List.of(Cidr.parse("10.9.0.0/16")))),
                List.of(
                    new PortRange(Protocol.TCP, 0, 65_535),
                    new PortRange(Protocol.UDP, 0, 65_535),
                    new PortRange(Protocol.TCP, 80, 80),
                    new PortRange(Protocol.SCTP, 80, 90),
                    new PortName(Protocol.TCP, "http"))));
  }

  @ParameterizedTest // policy S10
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | true | true",
        "{matchLabels: {app: web}} | true | false",
        "{matchLabels: {app: web, tier: x}} | false | false",
        "{matchExpressions: [{key: app, operator: In, values: [db, web]}]} | true | false",
        "{matchExpressions: [{key: app, operator: NotIn, values: [db]}]} | true | true",
        "{matchExpressions: [{key: app, operator: NotIn, values: [web]}]} | false | true",
        "{matchExpressions: [{key: app, operator: Exists}]} | true | false",
        "{matchExpressions: [{key: app, operator: DoesNotExist}]} | false | true",
      })
  void selectors(String selector, boolean web, boolean nothing) {
    LabelSelector read = read("{podSelector: " + selector + "}").podSelector();
    assertThat(read.selects(Map.of("app", "web"))).isEqualTo(web);
    assertThat(read.selects(Map.of())).isEqualTo(nothing);
  }

  private static final String GOOD =
      "{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {}}]}]}";

  @ParameterizedTest // policy P3, S13, S26
  @CsvSource(
      delimiter = '|',
      value = {
        "{ports: [{port: 70000}]} | .ports[0].port | must be 1…65535, is 70000",
        "{ports: [{port: 0}]} | .ports[0].port | must be 1…65535, is 0",
        "{ports: [{port: 80, endPort: 79}]} | .ports[0].endPort | must not be less than port 80, is 79",
        "{ports: [{port: http, endPort: 90}]} | .ports[0].endPort | needs a port that is a number",
        "{ports: [{endPort: 90}]} | .ports[0].endPort | needs a port that is a number",
        "{ports: [{protocol: ICMP}]} | .ports[0].protocol | must be one of [SCTP, TCP, UDP], is \"ICMP\"",
        "{from: [{}]} | .from[0] | must have either ipBlock or selectors",
        "{from: [{ipBlock: {cidr: 10.0.0.0/8}, podSelector: {}}]} | .from[0] | must have either ipBlock or selectors",
        "{from: [{ipBlock: {cidr: 10.0.0.0}}]} | .from[0].ipBlock.cidr | \"10.0.0.0\" is not a block such as 10.1.0.0/24",
        "{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/9]}}]} | .from[0].ipBlock.except[0] | 11.0.0.0/9 is not inside 10.0.0.0/8",
        "{from: [{podSelector: {matchExpressions: [{key: a, operator: In}]}}]} | .from[0].podSelector.matchExpressions[0].values | must not be empty with this operator",
        "{from: [{podSelector: {matchExpressions: [{key: a, operator: is}]}}]} | .from[0].podSelector.matchExpressions[0].operator | must be one of [DoesNotExist, Exists, In, NotIn], is \"is\"",
      })
  void aBadPolicyClosesThePodsItSelectsUnlessItWasGoodBefore(
      String rule, String field, String reason) {
    String bad = policy("{podSelector: {matchLabels: {app: web}}, ingress: [" + rule + "]}");
    ManifestFile never = file(bad);
    String path = "spec.ingress[0]" + field;
    assertThat(never.problems())
        .containsExactly(
            new Problem(
                "a.yaml document 1",
                KEY,
                path,
                reason + "; it allows nothing to the pods it selects"));
    assertThat(only(never)).isEqualTo(closed(label("app", "web"), true, false));

    ManifestFile good = file(policy(GOOD));
    ManifestFile after = ManifestFile.read("a.yaml", bad, good, new ManifestParser());
    assertThat(only(after)).isEqualTo(only(good));
    assertThat(after.problems())
        .containsExactly(
            new Problem("a.yaml document 1", KEY, path, reason + "; its last good version stays"));
  }

  private static PolicyState closed(LabelSelector pods, boolean ingress, boolean egress) {
    return new PolicyState("shop", "web", null, pods, ingress, egress, List.of(), List.of());
  }

  @Test
  void whatStandsInIsNoGoodVersion() {
    String bad = policy("{podSelector: {matchLabels: {app: %s}}, policyTypes: [What]}");
    ManifestFile never = file(bad.formatted("a"));
    assertThat(only(never).podSelector()).isEqualTo(label("app", "a"));
    ManifestFile still =
        ManifestFile.read("a.yaml", bad.formatted("b"), never, new ManifestParser());
    assertThat(only(still)).isEqualTo(closed(label("app", "b"), true, true));
    ManifestFile broken = ManifestFile.read("a.yaml", "7", still, new ManifestParser());
    ManifestFile again =
        ManifestFile.read("a.yaml", bad.formatted("c"), broken, new ManifestParser());
    assertThat(only(again)).isEqualTo(closed(label("app", "c"), true, true));
  }

  @Test
  void aPolicyThatDoesNotSayWhomItSelectsIsReported() {
    ManifestFile file = file(policy("{podSelector: {matchLabels: [a]}}"));
    assertThat(file.objects()).isEmpty();
    assertThat(file.problems())
        .containsExactly(
            new Problem(
                "a.yaml document 1",
                KEY,
                "spec.podSelector.matchLabels",
                "must be an object, is a list; it is not served"));
  }

  @Test // policy P6, P7
  void namedPortsAreThoseOfContainersThatStayAndTheFirstOfANameCounts() {
    ManifestFile file =
        file(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: web, labels: {app: web}, creationTimestamp: '2026-01-31T12:00:00Z'}
            spec:
              containers:
                - ports: [{containerPort: 80, name: http}, {containerPort: 81, name: http},
                          {containerPort: 82}]
                - ports: [{containerPort: 83, name: http, protocol: UDP}]
              initContainers:
                - {ports: [{containerPort: 84, name: once}]}
                - restartPolicy: Always
                  ports: [{containerPort: 85, name: side}, {containerPort: 86, name: http}]
            status: {phase: Pending, podIP: 10.1.1.1}
            """);
    PodState pod = (PodState) file.objects().values().iterator().next();
    assertThat(pod.namedPorts())
        .containsExactly(
            new NamedPort("http", Protocol.TCP, 80),
            new NamedPort("http", Protocol.UDP, 83),
            new NamedPort("side", Protocol.TCP, 85));
    assertThat(NamedPort.find(pod.namedPorts(), "http", Protocol.SCTP)).isZero();
    assertThat(pod.labels()).isEqualTo(Map.of("app", "web"));
    assertThat(pod.running()).isFalse();
    assertThat(pod.createdEpochSecond()).isEqualTo(1_769_860_800L);
  }

  @Test
  void aNamespaceHasItsNameAmongItsLabels() {
    ManifestFile file =
        file(
            """
            apiVersion: v1
            kind: Namespace
            metadata: {name: shop, labels: {team: a}, annotations: {millrace.io/audit: "true"}}
            """);
    assertThat(file.objects().values())
        .containsExactly(
            new NamespaceState(
                "shop", Map.of("team", "a", "kubernetes.io/metadata.name", "shop"), "true"));
  }
}
