// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import io.millrace.compile.NodePortAddresses;
import java.util.List;
import picocli.CommandLine.Option;

/** Which addresses services are served at, besides their own. */
final class FrontendOptions {
  @Option(
      names = "--node-port-addresses",
      paramLabel = "primary|CIDR,CIDR…",
      hideParamSyntax = true,
      split = ",",
      description =
          "Serve nodePorts only on the node's primary addresses, or on those in these blocks; a"
              + " family without a block is not restricted (default: the uplinks' addresses).")
  List<String> nodePortAddresses = List.of();

  @Option(
      names = "--external-ips",
      paramLabel = "on|off",
      hideParamSyntax = true,
      defaultValue = "on",
      description =
          "Serve externalIPs, which anybody who may write a Service can point at any address"
              + " (default: ${DEFAULT-VALUE}).")
  String externalIps = "on";

  NodePortAddresses nodePortAddresses(AgentCommand command) {
    if (nodePortAddresses.equals(List.of("primary"))) {
      return NodePortAddresses.PRIMARY;
    }
    if (nodePortAddresses.contains("primary")) {
      throw command.bad("--node-port-addresses", "primary", "goes with nothing else");
    }
    return new NodePortAddresses(false, command.cidrs("--node-port-addresses", nodePortAddresses));
  }

  boolean externalIps(AgentCommand command) {
    return switch (externalIps) {
      case "on" -> true;
      case "off" -> false;
      default -> throw command.bad("--external-ips", externalIps, "is neither on nor off");
    };
  }
}
