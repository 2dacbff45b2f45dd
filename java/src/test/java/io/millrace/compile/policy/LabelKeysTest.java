// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.model.LabelSelector;
import io.millrace.model.LabelSelector.Operator;
import io.millrace.model.LabelSelector.Requirement;
import io.millrace.model.PolicyState;
import io.millrace.model.PolicyState.Pods;
import io.millrace.model.PolicyState.Rule;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class LabelKeysTest {
  private static final Map<String, String> LABELS =
      Map.of("app", "web", "pod-template-hash", "5f4", "tier", "front");

  private final LabelKeys keys = new LabelKeys();

  @Test
  void labelsThatNobodyAsksForAreNone() {
    assertThat(keys.of(LABELS)).isEmpty();
    assertThat(keys.add(policy("a", "app", "role"))).isTrue();
    assertThat(keys.of(LABELS)).isEqualTo(Map.of("app", "web"));
    assertThat(keys.add(policy("b", "tier", "app"))).isTrue();
    assertThat(keys.of(LABELS)).isEqualTo(Map.of("app", "web", "tier", "front"));
  }

  @Test
  void oneIsAskedForAsLongAsAnyPolicyDoes() {
    keys.add(policy("a", "app", "tier"));
    assertThat(keys.add(policy("b", "app", "app"))).as("nothing new").isFalse();
    keys.remove(policy("a", "app", "tier"));
    assertThat(keys.of(LABELS)).isEqualTo(Map.of("app", "web"));
    keys.remove(policy("b", "app", "app"));
    assertThat(keys.of(LABELS)).isEmpty();
    assertThat(keys.add(policy("c", "app", "app"))).isTrue();
  }

  /** Selects by one key, lets in and out by the other. */
  private static PolicyState policy(String name, String selects, String peers) {
    List<Rule> rules = List.of(new Rule(List.of(new Pods(null, by(peers))), List.of()));
    return new PolicyState("test", name, null, by(selects), true, true, rules, rules);
  }

  private static LabelSelector by(String key) {
    return LabelSelector.of(List.of(new Requirement(key, Operator.EXISTS, List.of())));
  }
}
