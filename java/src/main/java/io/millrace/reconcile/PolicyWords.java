// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.compile.policy.PolicySet;
import io.millrace.model.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What operators are told of policies that are not in force. */
final class PolicyWords {
  private static final int NAMED_POLICIES = 20;

  private PolicyWords() {}

  static String noRoom(MapTable<?, ?> full) {
    return "the table "
        + full.name()
        + " has room for "
        + full.capacity()
        + " entries, and "
        + full.delta().desiredSize()
        + " are needed while the change is made";
  }

  static String refusedBy(MapTable<?, ?> table) {
    return "the kernel refuses to write the table " + table.name() + ", errno " + table.lastErrno();
  }

  /** One for each policy that has a set of which the kernel knows nothing. */
  static List<Problem> problems(
      String reason, Map<Long, PolicySet> wanted, Map<Long, PolicySet> inForce) {
    Set<String> policies = new TreeSet<>();
    wanted.values().stream()
        .filter(set -> !inForce.containsKey(set.id()))
        .forEach(set -> policies.addAll(set.policies()));
    String text =
        reason + "; the policies of before stay in force, and pods that are new stay closed";
    List<Problem> all = new ArrayList<>();
    policies.stream()
        .limit(NAMED_POLICIES)
        .forEach(each -> all.add(new Problem("", "NetworkPolicy " + each, "", text)));
    if (all.isEmpty()) {
      all.add(new Problem("", "NetworkPolicies", "", text));
    }
    return all;
  }
}
