// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile.policy;

import io.millrace.model.LabelSelector;
import io.millrace.model.PolicyState;
import io.millrace.model.PolicyState.Peer;
import io.millrace.model.PolicyState.Pods;
import io.millrace.model.PolicyState.Rule;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The keys of pods' labels that policies ask for. No other label tells pods apart: the name of a
 * stateful set's pod, the hash of a revision and the like would make each a group of its own.
 */
final class LabelKeys {
  /** How many policies ask for each. */
  private final Map<String, Integer> counts = new HashMap<>();

  /** A policy is there. Returns whether it asks for one that nobody has asked for. */
  boolean add(PolicyState policy) {
    boolean fresh = false;
    for (String key : keys(policy)) {
      fresh |= counts.merge(key, 1, Integer::sum) == 1;
    }
    return fresh;
  }

  /** A policy is not there any more. */
  void remove(PolicyState policy) {
    for (String key : keys(policy)) {
      counts.computeIfPresent(key, (same, count) -> count == 1 ? null : count - 1);
    }
  }

  /** The labels that matter. */
  Map<String, String> of(Map<String, String> labels) {
    Map<String, String> asked = new HashMap<>();
    labels.forEach(
        (key, value) -> {
          if (counts.containsKey(key)) {
            asked.put(key, value);
          }
        });
    return asked.size() == labels.size() ? labels : Map.copyOf(asked);
  }

  private static Set<String> keys(PolicyState policy) {
    Set<String> keys = new HashSet<>();
    add(policy.podSelector(), keys);
    policy.ingress().forEach(rule -> add(rule, keys));
    policy.egress().forEach(rule -> add(rule, keys));
    return keys;
  }

  private static void add(Rule rule, Set<String> to) {
    for (Peer peer : rule.peers()) {
      if (peer instanceof Pods pods) {
        add(pods.pods(), to);
      }
    }
  }

  private static void add(LabelSelector selector, Set<String> to) {
    selector.requirements().forEach(requirement -> to.add(requirement.key()));
  }
}
