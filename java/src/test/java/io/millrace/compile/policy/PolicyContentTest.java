// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.fake.policy.TableModel;
import io.millrace.model.Ip;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What the tables hold beside verdicts: names for whoever asks, and nothing that nobody needs. */
final class PolicyContentTest extends PolicyCase {
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
