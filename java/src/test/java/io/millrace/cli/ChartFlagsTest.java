// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.deploy.Chart;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The flags that the chart's values may hold are those of the agent, and are given as it takes
 * them.
 */
@Tag("chart")
@EnabledOnOs(architectures = "amd64", disabledReason = "Helm's library is there for amd64 only")
class ChartFlagsTest {
  /** Given by the chart itself. */
  private static final Set<String> OTHERWISE =
      Set.of("node-name", "api-server", "config", "kubeconfig", "manifests", "help", "version");

  @Test
  void theSchemaKnowsAllFlags() {
    Set<String> flags = new TreeSet<>();
    for (OptionSpec option : agent().getCommandSpec().options()) {
      flags.add(option.longestName().substring(2));
    }
    flags.removeAll(OTHERWISE);
    assertThat(new TreeSet<>(Chart.flags())).isEqualTo(flags);
  }

  @Test
  void theAgentTakesThemAsTheyAreRendered() {
    List<String> arguments =
        Chart.arguments(
            """
            flags:
              policy: on
              xdp: off
              tcx: auto
              max-flows4: 16777216
              oom-score-adj: -998
              cluster-cidr: [10.244.0.0/16, "fd00:10:244::/48"]
              node-port-addresses: primary
              timeout-tcp-established: 432000
            extraArgs: [--snat-ports=30000-30999]
            """);
    assertThat(arguments)
        .contains(
            "--node-name=$(NODE_NAME)",
            "--api-server=https://192.0.2.10:6443",
            "--cgroup=/host/cgroup",
            "--policy=on",
            "--xdp=off",
            "--max-flows4=16777216",
            "--oom-score-adj=-998",
            "--cluster-cidr=10.244.0.0/16,fd00:10:244::/48",
            "--snat-ports=30000-30999");
    var parsed = Millrace.commandLine().parseArgs(arguments.toArray(String[]::new));
    assertThat(parsed.subcommand().unmatched()).isEmpty();
    assertThat(parsed.subcommand().errors()).isEmpty();
  }

  private static CommandLine agent() {
    return requireNonNull(Millrace.commandLine().getSubcommands().get("agent"));
  }
}
