// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.millrace.fake.policy.ApiMeaning;
import io.millrace.fake.policy.TableModel;
import io.millrace.fake.policy.Verdicts;
import io.millrace.fake.policy.World;
import io.millrace.model.ClusterDelta;
import io.millrace.model.Ip;
import io.millrace.model.Protocol;
import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;

/**
 * A cluster to say policies of, in YAML, and to compile them; what comes of it is asked by address.
 */
abstract class PolicyCase {
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

  /** Who is meant: pods a and b of namespace x, c of y, h of the host's network, and others. */
  private static final Map<String, String> ADDRESSES =
      Map.of(
          "a", "10.0.0.1",
          "b", "10.0.0.2",
          "c", "10.0.1.3",
          "h", "192.0.2.2",
          "out", "203.0.113.9",
          "a6", "fd00::1",
          "b6", "fd00::2",
          "c6", "fd00::1:3",
          "out6", "2001:db8::9");

  final World world = new World();
  private final PolicyCompiler compiler = new PolicyCompiler("n1");
  PolicyTables tables = PolicyTables.EMPTY;

  @BeforeEach
  void fill() {
    put("{apiVersion: v1, kind: Namespace, metadata: {name: x, labels: {team: r}}}");
    put("{apiVersion: v1, kind: Namespace, metadata: {name: y, labels: {team: s}}}");
    putPod("a", "x", "app: web", "{name: http, containerPort: 80}", "a", "a6");
    putPod("b", "x", "app: db", "{name: http, containerPort: 8080}", "b", "b6");
    putPod("c", "y", "app: web", "{name: http, containerPort: 8443}", "c", "c6");
    put(
        """
        {apiVersion: v1, kind: Pod, metadata: {name: h, namespace: x, labels: {app: web}},
         spec: {nodeName: n1, hostNetwork: true}, status: {podIPs: [{ip: 192.0.2.2}]}}""");
  }

  void putPod(String name, String namespace, String labels, String port, String... who) {
    String ips =
        IntStream.range(0, who.length)
            .mapToObj(i -> "{ip: '" + ADDRESSES.get(who[i]) + "'}")
            .collect(Collectors.joining(", "));
    put(
        """
        {apiVersion: v1, kind: Pod, metadata: {name: %s, namespace: %s, labels: {%s}},
         spec: {nodeName: n1, containers: [{ports: [%s]}]},
         status: {phase: Running, podIPs: [%s]}}"""
            .formatted(name, namespace, labels, port, ips));
  }

  void putPolicy(String name, String spec) {
    put(
        """
        {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy,
         metadata: {name: %s, namespace: x}, spec: %s}"""
            .formatted(name, spec));
  }

  static JsonNode tree(String yaml) {
    try {
      return YAML.readTree(yaml);
    } catch (IOException e) {
      throw new IllegalArgumentException(e);
    }
  }

  void put(String yaml) {
    world.put(tree(yaml));
  }

  void compile() {
    ClusterDelta delta = world.read();
    tables = compiler.compile(world.image(), delta);
  }

  /** {@code b>a TCP/80 +}: allowed; several with commas. The API means the same. */
  void expect(String probes) {
    compile();
    for (String probe : probes.split(",", -1)) {
      String[] words = probe.strip().split("[> /]", 5);
      Ip from = Ip.parse(Objects.requireNonNull(ADDRESSES.get(words[0]), probe));
      Ip to = Ip.parse(Objects.requireNonNull(ADDRESSES.get(words[1]), probe));
      int protocol = words[2].equals("ICMP") ? 1 : Protocol.valueOf(words[2]).number();
      int port = Integer.parseInt(words[3]);
      Verdicts.Verdict verdict = new TableModel(tables).verdict(from, to, protocol, port);
      assertThat(verdict.ingress() && verdict.egress()).as(probe).isEqualTo(words[4].equals("+"));
      assertThat(new ApiMeaning(world, "n1").verdict(from, to, protocol, port)).isEqualTo(verdict);
    }
  }
}
