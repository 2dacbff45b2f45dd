// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile.policy;

import io.millrace.model.ClusterImage;
import io.millrace.model.NamespaceState;
import io.millrace.model.ObjectKey;
import io.millrace.model.PolicyState;
import io.millrace.model.Problem;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Which policies hold for the pods of this node, and what they come to. */
final class Selection {
  private static final String FIELD = "metadata.annotations[" + PolicyState.AUDIT + "]";

  private final RuleSets sets;
  private final Numbers numbers;

  /** Of each group of this node the policies that select it, by name. */
  private final Map<Group, List<Both>> selected = new HashMap<>();

  private final Map<ObjectKey, Both> policies = new HashMap<>();

  /** What held last, for those for whom it is too much now. */
  private final Map<Direction, Held> held = new HashMap<>();

  private final Set<Problem> problems = new TreeSet<>();

  /** A policy's rules of both directions. */
  private record Both(PolicyState policy, boolean audited, Rules ingress, Rules egress) {}

  private record Direction(Group group, boolean ingress) {}

  /** Rules of policies. Without policies the direction is not isolated. */
  private record Held(List<RuleBit> bits, List<String> policies, boolean audit) {
    static final Held OPEN = new Held(List.of(), List.of(), false);
  }

  Selection(RuleSets sets, Numbers numbers) {
    this.sets = sets;
    this.numbers = numbers;
  }

  /** Whether a policy, as it was or as it is, selects pods of this node. */
  static boolean concerns(
      ObjectKey key, ClusterImage before, ClusterImage after, Collection<Group> groups) {
    for (ClusterImage image : List.of(before, after)) {
      PolicyState policy = image.policy(key);
      if (policy != null && groups.stream().anyMatch(group -> selects(policy, group))) {
        return true;
      }
    }
    return false;
  }

  private static boolean selects(PolicyState policy, Group group) {
    return policy.namespace().equals(group.namespace())
        && policy.podSelector().selects(group.labels());
  }

  /** Policies or annotations of the namespace are not those of before. */
  void forget(String namespace) {
    selected.keySet().removeIf(group -> group.namespace().equals(namespace));
    policies.keySet().removeIf(key -> key.namespace().equals(namespace));
  }

  /** Groups, by those that their pods have gone to: what held last for the one holds for both. */
  void inherit(Map<Group, Group> heirs) {
    heirs.forEach(
        (heir, before) -> {
          for (boolean ingress : new boolean[] {true, false}) {
            Held last = held.get(new Direction(before, ingress));
            if (last != null) {
              held.putIfAbsent(new Direction(heir, ingress), last);
            }
          }
        });
  }

  /** Looks who selects the groups of this node. Returns what their rules ask of other pods. */
  Set<Numbers.Query> select(ClusterImage image, Set<Group> groups) {
    selected.keySet().retainAll(groups);
    held.keySet().removeIf(direction -> !groups.contains(direction.group()));
    problems.clear();
    Set<ObjectKey> used = new HashSet<>();
    Set<Numbers.Query> queries = new HashSet<>();
    for (Group group : groups) {
      for (Both both : selected.computeIfAbsent(group, each -> selecting(image, each))) {
        if (used.add(both.policy().key())) {
          queries.addAll(both.egress().queries());
          reportAudit(both.policy(), image.namespace(group.namespace()));
        }
      }
    }
    policies.keySet().retainAll(used);
    return queries;
  }

  private List<Both> selecting(ClusterImage image, Group group) {
    boolean namespaceAudited = "true".equals(image.namespace(group.namespace()).audit());
    return image.policiesOf(group.namespace()).stream()
        .filter(policy -> selects(policy, group))
        .sorted(Comparator.comparing(PolicyState::name))
        .map(
            policy -> policies.computeIfAbsent(policy.key(), key -> both(policy, namespaceAudited)))
        .toList();
  }

  private static Both both(PolicyState policy, boolean namespaceAudited) {
    return new Both(
        policy,
        namespaceAudited || "true".equals(policy.audit()),
        new Rules(policy, true),
        new Rules(policy, false));
  }

  private void reportAudit(PolicyState policy, NamespaceState namespace) {
    if (isOdd(policy.audit())) {
      problems.add(auditProblem(policy.key().toString(), policy.audit()));
    }
    if (isOdd(namespace.audit())) {
      problems.add(auditProblem(namespace.key().toString(), namespace.audit()));
    }
  }

  private static boolean isOdd(@Nullable String audit) {
    return audit != null && !audit.equals("true") && !audit.equals("false");
  }

  private static Problem auditProblem(String object, @Nullable String audit) {
    return new Problem(
        "",
        object,
        FIELD,
        "must be true or false, is \"" + audit + "\"; taken for false meanwhile");
  }

  /** What holds for the pods of a group of this node. */
  Subject subject(Group group) {
    List<Both> its = selected.getOrDefault(group, List.of());
    return new Subject(set(group, its, true), set(group, its, false));
  }

  private long set(Group group, List<Both> all, boolean ingress) {
    Direction direction = new Direction(group, ingress);
    List<Both> counting = counting(all, ingress);
    Held now = counting.isEmpty() ? Held.OPEN : rules(group, counting, ingress);
    if (now.bits().size() <= RuleSets.MAX_BITS) {
      held.put(direction, now);
    } else {
      Held before = held.get(direction);
      counting.forEach(both -> reportTooMany(both.policy(), ingress, before != null));
      now = before == null ? new Held(List.of(), now.policies(), now.audit()) : before;
    }
    return now.policies().isEmpty() ? 0 : sets.of(now.bits(), now.policies(), now.audit());
  }

  /**
   * Audited policies isolate nobody: where others do, only those count, and where none does, what
   * the audited ones would deny is let through.
   */
  private static List<Both> counting(List<Both> all, boolean ingress) {
    List<Both> isolating =
        all.stream()
            .filter(both -> ingress ? both.policy().hasIngress() : both.policy().hasEgress())
            .toList();
    List<Both> enforced = isolating.stream().filter(both -> !both.audited()).toList();
    return enforced.isEmpty() ? isolating : enforced;
  }

  private Held rules(Group group, List<Both> counting, boolean ingress) {
    List<RuleBit> bits = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (Both both : counting) {
      Rules rules = ingress ? both.ingress() : both.egress();
      bits.addAll(rules.bits(group, numbers));
      names.add(both.policy().namespace() + "/" + both.policy().name());
    }
    return new Held(bits, names, counting.get(0).audited());
  }

  /** Never half a policy: all rules of before, or, if this agent knows of none, no access. */
  private void reportTooMany(PolicyState policy, boolean ingress, boolean known) {
    problems.add(
        new Problem(
            "",
            policy.key().toString(),
            ingress ? "spec.ingress" : "spec.egress",
            "a pod that it selects would have more than %d rules: %s"
                .formatted(
                    RuleSets.MAX_BITS,
                    known
                        ? "those that held before stay in force"
                        : "nothing is allowed to it, as nothing is known to have held before")));
  }

  List<Problem> problems() {
    return List.copyOf(problems);
  }
}
