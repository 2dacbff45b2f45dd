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
import io.millrace.model.Problem;
import io.millrace.model.Protocol;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rows of NetworkPolicy, as far as compilation decides them, each by its number. */
final class PolicyRowsTest {
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

  private final World world = new World();
  private final PolicyCompiler compiler = new PolicyCompiler("n1");
  private PolicyTables tables = PolicyTables.EMPTY;

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

  private void putPod(String name, String namespace, String labels, String port, String... who) {
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

  private void putPolicy(String name, String spec) {
    put(
        """
        {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy,
         metadata: {name: %s, namespace: x}, spec: %s}"""
            .formatted(name, spec));
  }

  private static JsonNode tree(String yaml) {
    try {
      return YAML.readTree(yaml);
    } catch (IOException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private void put(String yaml) {
    world.put(tree(yaml));
  }

  private void compile() {
    ClusterDelta delta = world.read();
    tables = compiler.compile(world.image(), delta);
  }

  /** {@code b>a TCP/80 +}: allowed; several with commas. The API means the same. */
  private void expect(String probes) {
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

  @ParameterizedTest(name = "policy {0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "S1 | {podSelector: {matchLabels: {app: none}}} | b>a TCP/80 +, out>a TCP/80 +, a>out TCP/80 +",
        "S2 | {podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress]} | b>a TCP/80 -, a>b TCP/80 +, a>out TCP/80 +",
        "S2 | {podSelector: {matchLabels: {app: web}}, policyTypes: [Egress]} | b>a TCP/80 +, a>b TCP/80 -, a>out TCP/80 -",
        "S4 | {podSelector: {}, egress: []} | b>a TCP/80 -, a>out TCP/80 +",
        "S4 | {podSelector: {}, egress: [{ports: [{port: 1}]}]} | b>a TCP/80 -, a>out TCP/80 -, a>out TCP/1 +",
        "S5 | {podSelector: {}, policyTypes: [Ingress], ingress: []} | b>a TCP/80 -, out>a TCP/80 -, out>c TCP/80 +",
        "S6 | {podSelector: {}, ingress: [{ports: [{port: 80}]}]} | b>a TCP/80 +, out>a TCP/80 +, out6>a6 TCP/80 +, out>a TCP/81 -",
        "S6 | {podSelector: {}, ingress: [{from: [], ports: [{port: 80}]}]} | out>a TCP/80 +, c>a TCP/80 +",
        "S7 | {podSelector: {}, ingress: [{from: [{podSelector: {}}]}]} | b>a TCP/80 +, c>a TCP/80 -, out>a TCP/80 -",
        "S8 | {podSelector: {}, ingress: [{from: [{namespaceSelector: {}}]}]} | b>a TCP/80 +, c>a TCP/80 +, out>a TCP/80 -",
        "S9 | {podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: s}}, podSelector: {matchLabels: {app: web}}}]}]} | c>a TCP/80 +, b>a TCP/80 -, a>b TCP/80 -",
        "S9 | {podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: s}}}, {podSelector: {matchLabels: {app: db}}}]}]} | c>a TCP/80 +, b>a TCP/80 +, a>b TCP/80 -",
        "S10 | {} | b>a TCP/80 -, a>b TCP/80 -, b>c TCP/80 +",
        "S10 | {podSelector: {matchExpressions: [{key: nope, operator: DoesNotExist}, {key: app, operator: NotIn, values: [db]}]}} | b>a TCP/80 -, a>b TCP/80 +",
        "S11 | {podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: db}}}, {ipBlock: {cidr: 203.0.113.0/24}}], ports: [{port: 80}, {port: 53, protocol: UDP}]}]} | b>a TCP/80 +, b>a UDP/53 +, out>a TCP/80 +, out>a UDP/53 +, c>a TCP/80 -, b>a TCP/53 -, out>a UDP/80 -",
        "S12 | {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 203.0.0.0/8, except: [203.0.113.0/24]}}]}]} | out>a TCP/80 -",
        "S12 | {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 203.0.0.0/8, except: [203.0.113.0/24]}}, {ipBlock: {cidr: 203.0.113.8/30}}]}]} | out>a TCP/80 +",
        "S12 | {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0, except: [203.0.0.0/16, 10.0.0.0/8]}}]}, {from: [{ipBlock: {cidr: 192.0.0.0/4, except: [203.0.113.128/25]}}]}]} | out>a TCP/80 +, b>a TCP/80 -",
        "S13 | {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 203.0.113.77/24, except: [203.0.113.200/25]}}]}]} | out>a TCP/80 +",
        "S14 | {podSelector: {}, egress: [{to: [{ipBlock: {cidr: 10.0.1.0/24}}]}], policyTypes: [Egress]} | a>c TCP/80 +, a>b TCP/80 -",
        "S14 | {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.2/32]}}]}]} | c>a TCP/80 +, b>a TCP/80 -",
        "S17 | {podSelector: {}, ingress: [{from: [{namespaceSelector: {}}]}]} | h>a TCP/80 -",
        "S17 | {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 192.0.2.0/24}}]}]} | h>a TCP/80 +",
        "S18 | {podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}], policyTypes: [Ingress, Egress]} | h>a TCP/80 -, out>h TCP/80 +, h>out TCP/80 +",
        "S21 | {podSelector: {}, policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {app: db}}}], ports: [{port: 8080}]}]} | a>b TCP/8080 +, a>b TCP/80 -",
        "S24 | {podSelector: {}, ingress: [{from: [{podSelector: {}}]}, {from: [{namespaceSelector: {matchLabels: {team: s}}}], ports: [{}]}]} | b>a ICMP/0 +, c>a ICMP/0 -, c>a TCP/1 +, out>a ICMP/0 -",
        "S26 | {podSelector: {}, ingress: [{ports: [{protocol: SCTP, port: 80}]}]} | b>a SCTP/80 +, b>a TCP/80 -, b>a UDP/80 -",
        "S26 | {podSelector: {}, ingress: [{ports: [{port: 80}]}]} | b>a TCP/80 +, b>a SCTP/80 -",
        "P1 | {podSelector: {}, ingress: [{ports: []}]} | b>a TCP/1 +, out>a SCTP/9 +, out>a ICMP/0 +",
        "P1 | {podSelector: {}, ingress: [{ports: [{}]}]} | b>a TCP/1 +, b>a UDP/1 -, b>a ICMP/0 -",
        "P2 | {podSelector: {}, ingress: [{ports: [{protocol: UDP}]}]} | b>a UDP/1 +, b>a UDP/65535 +, b>a TCP/1 -",
        "P3 | {podSelector: {}, ingress: [{ports: [{port: 80, endPort: 90}]}]} | b>a TCP/79 -, b>a TCP/80 +, b>a TCP/90 +, b>a TCP/91 -",
        "P3 | {podSelector: {}, ingress: [{from: [{podSelector: {}}], ports: [{port: 1, endPort: 65535}]}, {ports: [{port: 80, endPort: 90}]}]} | b>a TCP/85 +, out>a TCP/85 +, out>a TCP/91 -, b>a TCP/65535 +",
        "P4 | {podSelector: {}, ingress: [{ports: [{port: http}]}]} | out>a TCP/80 +, out>a TCP/8080 -, out>b TCP/8080 +, out>b TCP/80 -",
        "P5 | {podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: http}]}]} | a>b TCP/8080 +, a>b TCP/80 -, a>c TCP/8443 +, a>c TCP/8080 -, a>out TCP/80 -, a6>b6 TCP/8080 +",
        "P5 | {podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.0.0.0/24}}], ports: [{port: http}]}]} | a>b TCP/8080 +, a>c TCP/8443 -",
        "P5 | {podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}], ports: [{port: http}, {port: 53}]}]} | a>b TCP/8080 +, a>c TCP/8443 +, a>out TCP/8080 -, a>out TCP/53 +, a6>b6 TCP/8080 -",
        "P6 | {podSelector: {}, ingress: [{ports: [{port: http, protocol: UDP}]}]} | b>a UDP/80 -, b>a TCP/80 -",
        "L7 | {podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: db}}}, {ipBlock: {cidr: '2001:db8::/64'}}]}]} | b>a TCP/80 +, b6>a6 TCP/80 +, c6>a6 TCP/80 -, out6>a6 TCP/80 +, out>a TCP/80 -",
        "L7 | {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]} | out>a TCP/80 +, out6>a6 TCP/80 -, b6>a6 TCP/80 -",
        "L7 | {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: '::/0'}}]}]} | out>a TCP/80 -, out6>a6 TCP/80 +",
      })
  void row(String row, String spec, String probes) {
    putPolicy(row.toLowerCase(Locale.ROOT), spec);
    expect(probes);
  }

  @Test // policy S3
  void policiesAddUpWhateverTheirOrder() {
    putPolicy("one", "{podSelector: {}, ingress: [{ports: [{port: 80}]}]}");
    putPolicy("two", "{podSelector: {matchLabels: {app: web}}, ingress: [{ports: [{port: 81}]}]}");
    putPolicy("zero", "{podSelector: {}}");
    expect("out>a TCP/80 +, out>a TCP/81 +, out>a TCP/82 -, out>b TCP/81 -");
  }

  @Test // policy S2
  void bothEndsMustAllow() {
    putPolicy("in", "{podSelector: {matchLabels: {app: db}}, ingress: [{}]}");
    putPolicy("out", "{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: []}");
    expect("a>b TCP/80 -, c>b TCP/80 +");
  }

  @Test // policy P7
  void ofPortsWithOneNameTheFirstCounts() {
    putPod("a", "x", "app: web", "{name: p, containerPort: 1}, {name: p, containerPort: 2}", "a");
    putPolicy("p", "{podSelector: {matchLabels: {app: web}}, ingress: [{ports: [{port: p}]}]}");
    expect("b>a TCP/1 +, b>a TCP/2 -");
  }

  @Test // policy P8
  void aHostPortIsNoPortOfThePod() {
    putPod("a", "x", "app: web", "{name: p, containerPort: 1, hostPort: 2}", "a");
    putPolicy("p", "{podSelector: {matchLabels: {app: web}}, ingress: [{ports: [{port: p}]}]}");
    expect("b>a TCP/1 +, b>a TCP/2 -");
  }

  @Test // policy L5
  void aPodThatHasFinishedIsNobody() {
    putPolicy(
        "db",
        "{podSelector: {matchLabels: {app: web}},"
            + " ingress: [{from: [{podSelector: {matchLabels: {app: db}}}]}]}");
    expect("b>a TCP/80 +");
    String finished =
        """
        {apiVersion: v1, kind: Pod, metadata: {name: b, namespace: x, labels: {app: db}},
         spec: {nodeName: n1}, status: {phase: Succeeded, podIPs: [{ip: 10.0.0.2}]}}""";
    put(finished);
    expect("b>a TCP/80 -");
    // Another has its address by now; one that is ending still has its own.
    putPod("again", "x", "app: db", "", "b");
    expect("b>a TCP/80 +");
    put(
        finished
            .replace("name: b,", "name: again, deletionTimestamp: x,")
            .replace("Succeeded", "Running"));
    expect("b>a TCP/80 +");
  }

  @Test // policy L6
  void labelsOfPodsAndNamespacesCountAsTheyAre() {
    putPolicy(
        "s",
        "{podSelector: {matchLabels: {app: web}},"
            + " ingress: [{from: [{namespaceSelector: {matchLabels: {team: s}}}]}]}");
    expect("c>a TCP/80 +, b>a TCP/80 -, out>b TCP/80 +");
    put("{apiVersion: v1, kind: Namespace, metadata: {name: y, labels: {team: q}}}");
    expect("c>a TCP/80 -");
    put("{apiVersion: v1, kind: Namespace, metadata: {name: x, labels: {team: s}}}");
    expect("c>a TCP/80 -, b>a TCP/80 +");
    putPod("b", "x", "app: web", "", "b");
    expect("out>b TCP/80 -");
    putPod("a", "x", "app: other", "", "a");
    expect("out>a TCP/80 +");
  }

  @Test // an address that two claim: it runs, it is younger
  void theBestClaimToAnAddressCounts() {
    putPolicy(
        "db",
        "{podSelector: {matchLabels: {app: web}},"
            + " ingress: [{from: [{podSelector: {matchLabels: {app: db}}}]}]}");
    putPod("late", "x", "app: web", "", "b");
    expect("b>a TCP/80 +"); // neither is younger: b is the first by name
    put(
        """
        {apiVersion: v1, kind: Pod,
         metadata: {name: b, namespace: x, labels: {app: db}, creationTimestamp: '2026-01-01T00:00:00Z'},
         spec: {nodeName: n1}, status: {phase: Pending, podIPs: [{ip: 10.0.0.2}]}}""");
    expect("b>a TCP/80 -, out>b TCP/80 -");
    world.remove(tree("{apiVersion: v1, kind: Pod, metadata: {name: late, namespace: x}}"));
    expect("b>a TCP/80 +, out>b TCP/80 +");
    put(
        """
        {apiVersion: v1, kind: Pod,
         metadata: {name: going, namespace: x, labels: {app: web}, creationTimestamp: '2025-01-01T00:00:00Z',
                    deletionTimestamp: '2026-01-01T00:00:00Z'},
         spec: {nodeName: n1}, status: {phase: Running, podIPs: [{ip: 10.0.0.2}]}}""");
    expect("b>a TCP/80 +, out>b TCP/80 +"); // still Running, but not for long
  }

  @Test
  void auditedPoliciesLetThroughAndSaySo() {
    put(
        """
        {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy,
         metadata: {name: audited, namespace: x, annotations: {millrace.io/audit: "true"}},
         spec: {podSelector: {}, ingress: [{ports: [{port: 80}]}]}}""");
    expect("out>a TCP/80 +, out>a TCP/81 +");
    TableModel model = new TableModel(tables);
    long set = Objects.requireNonNull(tables.subjects().get(Ip.parse("10.0.0.1"))).ingress();
    Ip out = Ip.parse("203.0.113.9");
    assertThat(model.judge(set, out, 6, 80).audited()).isFalse();
    assertThat(model.judge(set, out, 6, 81).audited()).isTrue();
    putPolicy(
        "enforced", "{podSelector: {matchLabels: {app: web}}, ingress: [{ports: [{port: 81}]}]}");
    expect("out>a TCP/80 -, out>a TCP/81 +, out>b TCP/82 +");
  }

  @Test
  void aNamespaceCanBeAuditedAndAnotherWordIsAProblem() {
    putPolicy("none", "{podSelector: {}}");
    String namespace =
        "{apiVersion: v1, kind: Namespace, metadata: {name: x, annotations: {millrace.io/audit: %s}}}";
    put(namespace.formatted("'true'"));
    expect("out>a TCP/80 +");
    put(namespace.formatted("'yes'"));
    expect("out>a TCP/80 -");
    assertThat(tables.problems())
        .containsExactly(
            new Problem(
                "",
                "Namespace x",
                "metadata.annotations[millrace.io/audit]",
                "must be true or false, is \"yes\"; taken for false meanwhile"));
  }

  @Test
  void aVerdictNamesItsRule() {
    putPolicy(
        "web",
        "{podSelector: {}, ingress: [{ports: [{port: 1}]},"
            + " {from: [{podSelector: {matchLabels: {app: db}}}], ports: [{port: http}]}]}");
    compile();
    long set = Objects.requireNonNull(tables.subjects().get(Ip.parse("10.0.0.1"))).ingress();
    var judged = new TableModel(tables).judge(set, Ip.parse("10.0.0.2"), 6, 80);
    assertThat(judged.rule())
        .isEqualTo(new RuleOrigin("x", "web", 1, "from pods app=db of x; TCP 80"));
    assertThat(Objects.requireNonNull(tables.sets().get(set)).policies()).containsExactly("x/web");
  }

  @Test
  void moreRulesThanASetHoldsMakeAChain() {
    putPolicy("many", many(600));
    expect("out>a TCP/1 +, out>a TCP/1199 +, out>a TCP/2 -, out>a TCP/1201 -");
    assertThat(tables.sets()).hasSize(3);
    assertThat(tables.problems()).isEmpty();
  }

  @Test
  void theSameInAnotherOrderIsDescribedAsItIsSaidNow() {
    String rule = "{podSelector: {}, ingress: [{from: [%s, %s]}]}";
    String some = "{podSelector: {matchLabels: {app: db}}}";
    String others = "{ipBlock: {cidr: 203.0.113.0/24}}";
    putPolicy("p", rule.formatted(some, others));
    compile();
    putPolicy("p", rule.formatted(others, some));
    compile();
    assertThat(tables.sets()).isEqualTo(new PolicyCompiler("n1").compileAll(world.image()).sets());
  }

  @Test
  void whereThereAreTooManyRulesThoseOfBeforeStay() {
    putPolicy("many", many(600));
    compile();
    putPolicy("many", many(RuleSets.MAX_BITS + 1));
    compile();
    assertThat(letsIn(1199)).isTrue();
    assertThat(letsIn(1201)).isFalse();
    assertThat(tables.problems()).containsExactly(tooMany("those that held before stay in force"));
    putPolicy("many", many(2));
    expect("out>a TCP/3 +, out>a TCP/5 -");
    assertThat(tables.problems()).isEmpty();
  }

  @Test
  void whatWasNotIsolatedIsNotByTooManyRules() {
    compile();
    putPolicy("many", many(RuleSets.MAX_BITS + 1));
    compile();
    assertThat(letsIn(2)).isTrue();
    assertThat(tables.problems()).containsExactly(tooMany("those that held before stay in force"));
  }

  @Test
  void whereNothingIsKnownOfBeforeTooManyRulesClose() {
    putPolicy("many", many(RuleSets.MAX_BITS + 1));
    compile();
    assertThat(letsIn(1)).isFalse();
    assertThat(tables.problems())
        .containsExactly(
            tooMany("nothing is allowed to it, as nothing is known to have held before"));
  }

  /** Whether a lets in who is outside, which is not what the API means here. */
  private boolean letsIn(int port) {
    return new TableModel(tables)
        .verdict(Ip.parse("203.0.113.9"), Ip.parse("10.0.0.1"), Protocol.TCP.number(), port)
        .ingress();
  }

  private static Problem tooMany(String effect) {
    return new Problem(
        "",
        "NetworkPolicy x/many",
        "spec.ingress",
        "a pod that it selects would have more than 4096 rules: " + effect);
  }

  private static String many(int rules) {
    return IntStream.range(0, rules)
        .mapToObj(i -> "{ports: [{port: %d}]}".formatted(2 * i + 1))
        .collect(Collectors.joining(", ", "{podSelector: {}, ingress: [", "]}"));
  }

  @Test
  void onlyPoliciesThatSelectPodsOfThisNodeAreCompiled() {
    put(
        """
        {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: p, namespace: y},
         spec: {podSelector: {matchLabels: {app: none}}, ingress: [{from: [{ipBlock: {cidr: 1.2.3.0/24}}]}]}}""");
    compile();
    assertThat(tables.sets()).isEmpty();
    assertThat(tables.blocks()).isEmpty();
    assertThat(tables.peers()).isEmpty();
    assertThat(tables.subjects()).hasSize(6).containsValue(Subject.OPEN);
  }
}
