// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import io.millrace.admin.proto.PodPolicies;
import io.millrace.admin.proto.PolicyDirection;
import io.millrace.admin.proto.PolicyRule;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;

/** {@code millrace policies} as text and as JSON. */
final class PoliciesView {
  private PoliciesView() {}

  /** All pods, a line each. */
  static void print(List<PodPolicies> pods, PrintStream out) {
    if (pods.isEmpty()) {
      out.println("no pods");
      return;
    }
    Table table = new Table("NAMESPACE", "POD", "ADDRESSES", "INGRESS", "EGRESS", "POLICIES");
    for (PodPolicies pod : pods) {
      table.row(
          pod.getNamespace(),
          pod.getName(),
          String.join(" ", pod.getAddressesList()),
          summary(pod.getIngress()),
          summary(pod.getEgress()),
          pod.getIngress().getPoliciesCount() + pod.getEgress().getPoliciesCount());
    }
    table.print(out);
  }

  private static String summary(PolicyDirection direction) {
    if (!direction.getIsolated()) {
      return "open";
    }
    String rules = Units.count(direction.getRuleCount(), "rule", "rules");
    return direction.getAudit() ? "audit, " + rules : rules;
  }

  /** One pod, with all its rules. */
  static void printRules(PodPolicies pod, PrintStream out) {
    out.println(
        pod.getNamespace()
            + "/"
            + pod.getName()
            + " ("
            + String.join(" ", pod.getAddressesList())
            + ")");
    printRules("ingress", "from", pod.getIngress(), out);
    printRules("egress", "to", pod.getEgress(), out);
  }

  private static void printRules(
      String name, String preposition, PolicyDirection direction, PrintStream out) {
    out.println();
    if (!direction.getIsolated()) {
      out.println(name + ": open, no policy isolates the pod: everybody may");
      return;
    }
    out.println(
        name
            + ": isolated by "
            + String.join(", ", direction.getPoliciesList())
            + (direction.getAudit()
                ? "; audited: what no rule allows is reported, and let through"
                : ""));
    if (direction.getRulesCount() == 0) {
      out.println("  nothing is allowed " + preposition + " anybody but this node itself");
      return;
    }
    Table table = new Table("POLICY", "RULE", "ALLOWS");
    for (PolicyRule rule : direction.getRulesList()) {
      table.row(rule.getPolicy(), rule.getRule(), rule.getText());
    }
    table.print(out);
  }

  static void printJson(List<PodPolicies> pods, PrintStream out) throws IOException {
    try (JsonOutput json = new JsonOutput(out)) {
      json.startList("pods");
      for (PodPolicies pod : pods) {
        json.message(pod);
      }
      json.endList();
    }
  }
}
