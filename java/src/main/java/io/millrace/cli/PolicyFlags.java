// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import io.millrace.reconcile.PolicyOptions;
import picocli.CommandLine.Option;

/** What becomes of NetworkPolicies. */
final class PolicyFlags {
  @Option(
      names = "--policy",
      paramLabel = "on|off",
      hideParamSyntax = true,
      defaultValue = "on",
      description =
          "Enforce NetworkPolicies for the pods of this node; off: none, and what was in force is"
              + " taken away (default: ${DEFAULT-VALUE}).")
  String policy = "on";

  @Option(
      names = "--established",
      paramLabel = "rejudge|keep",
      hideParamSyntax = true,
      defaultValue = "rejudge",
      description =
          "What a change of policies means to established connections. rejudge: their next packet"
              + " is judged again; keep: nothing (default: ${DEFAULT-VALUE}).")
  String established = "rejudge";

  @Option(
      names = "--policy-to-node",
      paramLabel = "allow|judge",
      hideParamSyntax = true,
      defaultValue = "allow",
      description =
          "Whether an isolated pod needs a rule to reach addresses of its own node"
              + " (default: ${DEFAULT-VALUE}).")
  String toNode = "allow";

  @Option(
      names = "--policy-self",
      paramLabel = "allow|judge",
      hideParamSyntax = true,
      defaultValue = "judge",
      description =
          "Whether an isolated pod needs a rule to reach itself through a service"
              + " (default: ${DEFAULT-VALUE}).")
  String self = "judge";

  PolicyOptions policy(AgentCommand command) {
    return new PolicyOptions(
        is(command, "--policy", policy, "on", "off"),
        is(command, "--established", established, "rejudge", "keep"),
        is(command, "--policy-to-node", toNode, "judge", "allow"),
        is(command, "--policy-self", self, "judge", "allow"));
  }

  private static boolean is(
      AgentCommand command, String option, String value, String yes, String no) {
    if (!value.equals(yes) && !value.equals(no)) {
      throw command.bad(option, value, "is neither " + yes + " nor " + no);
    }
    return value.equals(yes);
  }
}
