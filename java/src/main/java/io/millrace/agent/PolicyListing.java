// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import io.millrace.admin.AdminException;
import io.millrace.admin.proto.Error;
import io.millrace.admin.proto.PodPolicies;
import io.millrace.admin.proto.PoliciesPage;
import io.millrace.admin.proto.PolicyDirection;
import io.millrace.admin.proto.PolicyRule;
import io.millrace.admin.proto.Response;
import io.millrace.compile.policy.PolicySet;
import io.millrace.compile.policy.PolicyTables;
import io.millrace.compile.policy.RuleOrigin;
import io.millrace.compile.policy.Subject;
import io.millrace.model.ClusterImage;
import io.millrace.model.Ip;
import io.millrace.model.PodState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The answer to {@code millrace policies}. All that it reads is immutable. */
final class PolicyListing {
  private static final int PODS_PER_PAGE = 100;

  private PolicyListing() {}

  /**
   * The frames of the answer, by namespace and name.
   *
   * @throws AdminException if {@code name} was given and no pod of this node has it
   */
  static List<Response> pages(ClusterImage image, PolicyTables tables, String nodeName, String name)
      throws AdminException {
    List<PodState> pods = new ArrayList<>();
    for (PodState pod : image.pods().values()) {
      boolean here = nodeName.equals(pod.nodeName()) && !pod.hostNetwork();
      if (here && !pod.ips().isEmpty() && matches(pod, name)) {
        pods.add(pod);
      }
    }
    if (pods.isEmpty() && !name.isEmpty()) {
      throw new AdminException(
          Error.Code.NOT_FOUND, "no pod " + name + " with an address of its own runs on this node");
    }
    pods.sort(Comparator.comparing(PodState::namespace).thenComparing(PodState::name));
    List<Response> pages = new ArrayList<>();
    PoliciesPage.Builder page = PoliciesPage.newBuilder();
    for (PodState pod : pods) {
      page.addPods(pod(pod, tables, !name.isEmpty()));
      if (page.getPodsCount() == (name.isEmpty() ? PODS_PER_PAGE : 1)) {
        pages.add(Response.newBuilder().setPolicies(page).build());
        page = PoliciesPage.newBuilder();
      }
    }
    if (pages.isEmpty() || page.getPodsCount() > 0) {
      pages.add(Response.newBuilder().setPolicies(page).build());
    }
    return pages;
  }

  private static boolean matches(PodState pod, String name) {
    return name.isEmpty()
        || name.equals(pod.name())
        || name.equals(pod.namespace() + "/" + pod.name());
  }

  private static PodPolicies pod(PodState pod, PolicyTables tables, boolean rules) {
    PodPolicies.Builder out =
        PodPolicies.newBuilder().setNamespace(pod.namespace()).setName(pod.name());
    Subject subject = Subject.OPEN;
    for (Ip ip : pod.ips()) {
      out.addAddresses(ip.toString());
      subject = tables.subjects().getOrDefault(ip, subject);
    }
    return out.setIngress(direction(subject.ingress(), tables, rules))
        .setEgress(direction(subject.egress(), tables, rules))
        .build();
  }

  private static PolicyDirection direction(long first, PolicyTables tables, boolean rules) {
    PolicyDirection.Builder out = PolicyDirection.newBuilder().setIsolated(first != 0);
    Set<String> policies = new LinkedHashSet<>();
    Set<List<Object>> different = new LinkedHashSet<>();
    PolicySet set = tables.sets().get(first);
    while (set != null) {
      out.setAudit(set.audit());
      policies.addAll(set.policies());
      for (RuleOrigin rule : set.rules()) {
        different.add(List.of(rule.namespace(), rule.policy(), rule.rule()));
        if (rules) {
          out.addRules(
              PolicyRule.newBuilder()
                  .setPolicy(rule.namespace() + "/" + rule.policy())
                  .setRule(rule.rule())
                  .setText(rule.text()));
        }
      }
      set = tables.sets().get(set.next());
    }
    return out.addAllPolicies(policies).setRuleCount(different.size()).build();
  }
}
