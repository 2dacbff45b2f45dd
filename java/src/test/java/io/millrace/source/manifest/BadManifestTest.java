// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.model.Problem;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong is said with its place; the object's last good version stays. */
final class BadManifestTest {
  private static final String GOOD =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: web}
      spec: {clusterIP: 10.96.0.1, ports: [{port: 80}]}
      ---
      apiVersion: discovery.k8s.io/v1
      kind: EndpointSlice
      metadata: {name: web-1, labels: {kubernetes.io/service-name: web}}
      addressType: IPv4
      ports: [{port: 80}]
      endpoints: [{addresses: [10.1.1.1]}]
      """;

  private final ManifestParser parser = new ManifestParser();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{ports: [{port: http}]}            | spec.ports[0].port | must be a whole number, is the string \"http\"",
        "{ports: [{port: '80'}]}            | spec.ports[0].port | must be a whole number, is the string \"80\"",
        "{ports: [{port: 80.5}]}            | spec.ports[0].port | must be a whole number, is 80.5",
        "{ports: [{port: 0}]}               | spec.ports[0].port | must be 1…65535, is 0",
        "{ports: [{port: 65536}]}           | spec.ports[0].port | must be 1…65535, is 65536",
        "{ports: [{port: -1}]}              | spec.ports[0].port | must be 1…65535, is -1",
        "{ports: [{port: 99999999999}]}     | spec.ports[0].port | must be 1…65535, is 99999999999",
        "{ports: [{name: a}]}               | spec.ports[0].port | is missing",
        "{ports: [80]}                      | spec.ports[0] | must be an object, is 80",
        "{ports: {port: 80}}                | spec.ports | must be a list, is an object",
        "{ports: [{port: 80, name: a}, {port: 80, name: b}]} | spec.ports[1].port | duplicate port 80/TCP",
        "{ports: [{port: 80, name: a}, {port: 81, name: a}]} | spec.ports[1].name | duplicate port name \"a\"",
        "{ports: [{port: 80}, {port: 81}]}  | spec.ports[0].name | is missing; each of several ports needs one",
        "{ports: [{port: 80, protocol: tcp}]} | spec.ports[0].protocol | must be one of [SCTP, TCP, UDP], is \"tcp\"",
        "{type: NodePort, ports: [{port: 80, nodePort: 65536}]} | spec.ports[0].nodePort | must be 0…65535, is 65536",
        "{type: Nodeport}                   | spec.type | must be one of [ClusterIP, ExternalName, LoadBalancer, NodePort], is \"Nodeport\"",
        "{clusterIP: 10.96.0.256}           | spec.clusterIP | \"10.96.0.256\" is not an IP address",
        "{clusterIP: 10}                    | spec.clusterIP | must be a string, is 10",
        "{clusterIPs: [10.96.0.1, 10.96.0.2]} | spec.clusterIPs[1] | 10.96.0.2 is a second address of its family",
        "{clusterIP: 10.96.0.1, externalIPs: [127.0.0.1]} | spec.externalIPs[0] | 127.0.0.1 is unspecified, loopback, link-local or multicast",
        "{externalTrafficPolicy: local}     | spec.externalTrafficPolicy | must be one of [Cluster, Local], is \"local\"",
        "{sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 0}}} | spec.sessionAffinityConfig.clientIP.timeoutSeconds | must be 1…86400, is 0",
        "{type: LoadBalancer, loadBalancerSourceRanges: [10.0.0.0/8, 10.0.0.0]} | spec.loadBalancerSourceRanges[1] | \"10.0.0.0\" is not a block such as 10.1.0.0/24",
        "{type: LoadBalancer, healthCheckNodePort: 65536} | spec.healthCheckNodePort | must be 0…65535, is 65536",
      })
  void badServices(String spec, String field, String reason) {
    expectRefused(
        GOOD.replaceFirst("spec: .*", "spec: " + java.util.regex.Matcher.quoteReplacement(spec)),
        new Problem(
            "a.yaml document 1",
            "Service default/web",
            field,
            reason + "; its last good version stays"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "addressType: IPv4 | addressType: IPv5 | addressType | must be one of [FQDN, IPv4, IPv6], is \"IPv5\"",
        "addressType: IPv4 | addressType: IPv6 | endpoints[0].addresses[0] | 10.1.1.1 in a slice of addressType IPv6",
        "[10.1.1.1] | ['fd00::1'] | endpoints[0].addresses[0] | fd00::1 in a slice of addressType IPv4",
        "[10.1.1.1] | [10.1.1] | endpoints[0].addresses[0] | \"10.1.1\" is not an IP address",
        "[10.1.1.1] | [] | endpoints[0].addresses | is missing",
        "[10.1.1.1] | [169.254.0.1] | endpoints[0].addresses[0] | 169.254.0.1 is unspecified, loopback, link-local or multicast",
        "{addresses: [10.1.1.1]} | {addresses: [10.1.1.1], conditions: {ready: 'yes'}} | endpoints[0].conditions.ready | must be true or false, is the string \"yes\"",
        "[{port: 80}] | [{port: 0}] | ports[0].port | must be 1…65535, is 0",
        "[{port: 80}] | [{port: 80}, {port: 81}] | ports[1].name | duplicate port name \"\"",
        "[{port: 80}] | 80 | ports | must be a list, is 80",
        "{addresses: [10.1.1.1]} | {addresses: [10.1.1.1], hints: {forZones: [a]}} | endpoints[0].hints.forZones[0] | must be an object, is the string \"a\"",
        "{addresses: [10.1.1.1]} | {addresses: [10.1.1.1], hints: {forNodes: [{name: ''}]}} | endpoints[0].hints.forNodes[0].name | is missing",
        "{name: web-1, | {name: web-1, annotations: {endpoints.kubernetes.io/last-change-trigger-time: now}, | metadata.annotations.endpoints.kubernetes.io/last-change-trigger-time | \"now\" is not a time such as 2026-01-31T12:00:00Z",
      })
  void badSlices(String good, String bad, String field, String reason) {
    int slice = GOOD.indexOf("apiVersion: discovery");
    expectRefused(
        GOOD.substring(0, slice) + GOOD.substring(slice).replace(good, bad),
        new Problem(
            "a.yaml document 2",
            "EndpointSlice default/web-1",
            field,
            reason + "; its last good version stays"));
  }

  private void expectRefused(String bad, Problem problem) {
    ManifestFile good = ManifestFile.read("a.yaml", GOOD, null, parser);
    assertThat(good.problems()).isEmpty();
    assertThat(good.objects()).hasSize(2);
    ManifestFile after = ManifestFile.read("a.yaml", bad, good, parser);
    assertThat(after.problems()).containsExactly(problem);
    assertThat(after.objects()).isEqualTo(good.objects());
    ManifestFile again = ManifestFile.read("a.yaml", GOOD, after, parser);
    assertThat(again.problems()).isEmpty();
    assertThat(again.objects()).isEqualTo(good.objects());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'just text' | '' | a manifest is an object with apiVersion, kind and metadata",
        "[1, 2] | '' | a manifest is an object with apiVersion, kind and metadata",
        "{kind: Service} | apiVersion | is missing",
        "{apiVersion: v1} | kind | is missing",
        "{apiVersion: v1, kind: [Service]} | kind | must be a string, is a list",
        "{apiVersion: v1, kind: Service} | metadata.name | is missing",
        "{apiVersion: v1, kind: Service, metadata: {name: 7}} | metadata.name | must be a string, is 7",
        "{a: 1, a: 2} | '' | line 1: Duplicate field 'a'",
      })
  void whatCannotBeToldKeepsTheWholeFile(String text, String field, String reason) {
    ManifestFile good = ManifestFile.read("a.yaml", GOOD, null, parser);
    ManifestFile after = ManifestFile.read("a.yaml", text + "\n", good, parser);
    assertThat(after.problems())
        .containsExactly(new Problem("a.yaml document 1", "", field, reason));
    assertThat(after.objects()).isEqualTo(good.objects());
  }

  @Test
  void anObjectThatNeverWasGoodIsNotThere() {
    ManifestFile file =
        ManifestFile.read("a.yaml", GOOD.replace("10.96.0.1", "10.96"), null, parser);
    assertThat(file.objects()).hasSize(1);
    assertThat(file.problems()).hasSize(1);
  }

  @Test
  void deepNestingIsRefusedNotFollowed() {
    String deep = "a: " + "[".repeat(5000) + "]".repeat(5000) + "\n";
    for (String name : List.of("a.yaml", "a.json")) {
      String text = name.endsWith("json") ? "{\"a\": " + deep.substring(3) + "}" : deep;
      assertThat(ManifestFile.read(name, text, null, parser).problems()).hasSize(1);
    }
  }
}
