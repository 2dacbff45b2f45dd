// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import static java.util.stream.Collectors.joining;

import io.millrace.bpf.PolicySizes;
import io.millrace.compile.policy.PolicySet;
import io.millrace.compile.policy.RuleOrigin;
import io.millrace.model.Ip;
import io.millrace.model.Problem;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What operators are told of policies that are not in force. */
final class PolicyWords {
  private static final int NAMED_POLICIES = 20;

  private static final int NAMED_ADDRESSES = 5;

  private PolicyWords() {}

  static String noRoom(MapTable<?, ?> full) {
    return "the table "
        + full.name()
        + " has room for "
        + full.capacity()
        + " entries, and more are needed while the change is made"
        + PolicySizes.flag(full.name()).map(flag -> " (raise " + flag + ")").orElse("");
  }

  static String refusedBy(MapTable<?, ?> table) {
    return "the kernel refuses to write the table " + table.name() + ", errno " + table.lastErrno();
  }

  /**
   * One for each policy that is new, or has other rules; of all that pods' sets are made of, if it
   * is pods that are new. The text has no numbers that change: it is the same problem every time.
   */
  static List<Problem> problems(
      String reason, Map<Long, PolicySet> wanted, Map<Long, PolicySet> inForce) {
    String text =
        reason + "; the policies of before stay in force, and pods that are new stay closed";
    List<Problem> all = new ArrayList<>();
    blamed(wanted, inForce).stream()
        .limit(NAMED_POLICIES)
        .forEach(each -> all.add(new Problem("", "NetworkPolicy " + each, "", text)));
    if (all.isEmpty()) {
      all.add(new Problem("", "NetworkPolicies", "", text));
    }
    return all;
  }

  private static Set<String> blamed(Map<Long, PolicySet> wanted, Map<Long, PolicySet> inForce) {
    Map<String, Set<RuleOrigin>> before = rules(inForce.values());
    Map<String, Set<RuleOrigin>> after = rules(wanted.values());
    after.entrySet().removeIf(each -> each.getValue().equals(before.get(each.getKey())));
    return after.isEmpty()
        ? rules(wanted.values().stream().filter(set -> !inForce.containsKey(set.id())).toList())
            .keySet()
        : after.keySet();
  }

  /** What each policy says, in the order of their names. */
  private static Map<String, Set<RuleOrigin>> rules(Collection<PolicySet> sets) {
    Map<String, Set<RuleOrigin>> all = new TreeMap<>();
    for (PolicySet set : sets) {
      set.policies().forEach(policy -> all.computeIfAbsent(policy, each -> new HashSet<>()));
      for (RuleOrigin rule : set.rules()) {
        all.computeIfAbsent(rule.namespace() + "/" + rule.policy(), each -> new HashSet<>())
            .add(rule);
      }
    }
    return all;
  }

  /** Pods that nothing closes before the agent knows of them. */
  static Problem outside(List<Ip> addresses) {
    String named =
        addresses.stream().limit(NAMED_ADDRESSES).map(Ip::toString).collect(joining(", "));
    int more = addresses.size() - NAMED_ADDRESSES;
    return new Problem(
        "",
        "Node",
        "spec.podCIDRs",
        "pods have addresses of no block of the Node ("
            + named
            + (more > 0 ? " and " + more + " more" : "")
            + "): a new one is open until this agent has heard of it. Let the Node name the blocks"
            + " that its pods' addresses are of");
  }
}
