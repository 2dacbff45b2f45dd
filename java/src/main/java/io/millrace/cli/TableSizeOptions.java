// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import io.millrace.bpf.MapSizes;
import io.millrace.bpf.PolicySizes;
import picocli.CommandLine.Option;

/** How many entries the kernel's tables hold. A table that is pinned already keeps its size. */
final class TableSizeOptions {
  private static final int MAX = 1 << 24;

  @Option(
      names = "--max-flows4",
      order = 20,
      paramLabel = "N",
      defaultValue = "524288",
      description = "Halves of IPv4 flows (default: ${DEFAULT-VALUE}).")
  int flows4;

  @Option(
      names = "--max-flows6",
      order = 20,
      paramLabel = "N",
      defaultValue = "262144",
      description = "Halves of IPv6 flows (default: ${DEFAULT-VALUE}).")
  int flows6;

  @Option(
      names = "--max-frontends",
      order = 20,
      paramLabel = "N",
      defaultValue = "262144",
      description =
          "Addresses and ports that services answer on, each family (default: ${DEFAULT-VALUE}).")
  int services;

  @Option(
      names = "--max-slots",
      order = 20,
      paramLabel = "N",
      defaultValue = "4194304",
      description =
          "Endpoints of all service ports and sets together, and twice the Maglev rings, of 32"
              + " to 16381 slots: 128 for a port that is reached from outside and has 6 to 10"
              + " endpoints. 8 bytes each (default: ${DEFAULT-VALUE}).")
  int slots;

  @Option(
      names = "--max-backends",
      order = 20,
      paramLabel = "N",
      defaultValue = "262144",
      description = "Endpoints of all service ports, each family (default: ${DEFAULT-VALUE}).")
  int backends;

  @Option(
      names = "--max-local-endpoints",
      order = 20,
      paramLabel = "N",
      defaultValue = "16384",
      description = "Addresses of this node and its pods, each family (default: ${DEFAULT-VALUE}).")
  int endpoints;

  @Option(
      names = "--max-devices",
      order = 20,
      paramLabel = "N",
      defaultValue = "4096",
      description = "Uplinks and pod interfaces (default: ${DEFAULT-VALUE}).")
  int devices;

  @Option(
      names = "--max-affinity4",
      order = 20,
      paramLabel = "N",
      defaultValue = "65536",
      description = {
        "IPv4 clients of services with session affinity that are remembered; beyond that, those that"
            + " came longest ago choose anew (default: ${DEFAULT-VALUE})."
      })
  int affinity4;

  @Option(
      names = "--max-affinity6",
      order = 20,
      paramLabel = "N",
      defaultValue = "65536",
      description = "IPv6 clients, likewise (default: ${DEFAULT-VALUE}).")
  int affinity6;

  MapSizes sizes(AgentCommand command, PolicySizes policies) {
    int frontends = check(command, "--max-frontends", services);
    int eachBackends = check(command, "--max-backends", backends);
    int eachEndpoints = check(command, "--max-local-endpoints", endpoints);
    return new MapSizes(
        check(command, "--max-flows4", flows4),
        check(command, "--max-flows6", flows6),
        frontends,
        frontends,
        check(command, "--max-slots", slots),
        eachBackends,
        eachBackends,
        eachEndpoints,
        eachEndpoints,
        check(command, "--max-devices", devices),
        check(command, "--max-affinity4", affinity4),
        check(command, "--max-affinity6", affinity6),
        policies);
  }

  static int check(AgentCommand command, String option, int entries) {
    if (entries < 64 || entries > MAX) {
      throw command.bad(option, String.valueOf(entries), "must be 64 to " + MAX + " entries");
    }
    return entries;
  }
}
