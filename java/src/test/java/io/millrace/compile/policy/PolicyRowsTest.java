// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile.policy;

import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rows of NetworkPolicy, as far as compilation decides them, each by its number. */
final class PolicyRowsTest extends PolicyCase {
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
}
