// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.fake.policy.TableModel;
import io.millrace.model.Ip;
import io.millrace.model.Problem;
import io.millrace.model.Protocol;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** More rules than one set holds, and more than a pod may have. */
final class PolicyRuleCountTest extends PolicyCase {
  @Test
  void moreRulesThanASetHoldsMakeAChain() {
    putPolicy("many", many(600));
    expect("out>a TCP/1 +, out>a TCP/1199 +, out>a TCP/2 -, out>a TCP/1201 -");
    assertThat(tables.sets()).hasSize(3);
    assertThat(tables.problems()).isEmpty();
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
}
