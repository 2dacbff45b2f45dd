// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import io.millrace.bpf.PolicySizes;
import picocli.CommandLine.Option;

/** How many entries the tables of policy hold, like {@link TableSizeOptions}. */
final class PolicySizeOptions {
  @Option(
      names = "--max-policy-subjects",
      order = 20,
      paramLabel = "N",
      defaultValue = "4096",
      description =
          "Addresses of this node's pods, for policies, each family (default: ${DEFAULT-VALUE}).")
  int subjects;

  @Option(
      names = "--max-policy-peers",
      order = 20,
      paramLabel = "N",
      defaultValue = "65536",
      description =
          "Addresses of the cluster's pods that policies speak of, each family (default: ${DEFAULT-VALUE}).")
  int peers;

  @Option(
      names = "--max-policy-sets",
      order = 20,
      paramLabel = "N",
      defaultValue = "8192",
      description =
          "Sets of rules that pods of this node have; those with the same rules share one (default: ${DEFAULT-VALUE}).")
  int sets;

  @Option(
      names = "--max-policy-set-peers",
      order = 20,
      paramLabel = "N",
      defaultValue = "131072",
      description =
          "Sets of rules and groups of peers that they let in or out. 104 bytes each (default: ${DEFAULT-VALUE}).")
  int setPeers;

  @Option(
      names = "--max-policy-set-ports",
      order = 20,
      paramLabel = "N",
      defaultValue = "16384",
      description = "Sets of rules and ranges of ports, likewise (default: ${DEFAULT-VALUE}).")
  int setPorts;

  PolicySizes sizes(AgentCommand command) {
    return new PolicySizes(
        TableSizeOptions.check(command, "--max-policy-subjects", subjects),
        TableSizeOptions.check(command, "--max-policy-peers", peers),
        TableSizeOptions.check(command, "--max-policy-sets", sets),
        TableSizeOptions.check(command, "--max-policy-set-peers", setPeers),
        TableSizeOptions.check(command, "--max-policy-set-ports", setPorts));
  }
}
