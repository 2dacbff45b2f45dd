// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.fake.policy.TableModel;
import io.millrace.model.Ip;
import io.millrace.model.Problem;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What is let through though policies deny it, and said. */
final class PolicyAuditTest extends PolicyCase {
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
}
