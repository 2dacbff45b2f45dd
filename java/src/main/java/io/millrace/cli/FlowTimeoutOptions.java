// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import io.millrace.bpf.FlowTimeouts;
import picocli.CommandLine.Option;

/**
 * After how many seconds without packets a flow ends; the defaults are those of conntrack as
 * kube-proxy sets it.
 */
final class FlowTimeoutOptions {
  private static final int MAX_S = 7 * 86_400;

  @Option(
      names = "--timeout-tcp-new",
      order = 10,
      paramLabel = "SECONDS",
      defaultValue = "60",
      description = "TCP and SCTP, not open yet (default: ${DEFAULT-VALUE}).")
  int tcpNew;

  @Option(
      names = "--timeout-tcp-established",
      order = 10,
      paramLabel = "SECONDS",
      defaultValue = "86400",
      description = "TCP and SCTP, open (default: ${DEFAULT-VALUE}).")
  int tcpEstablished;

  @Option(
      names = "--timeout-tcp-closing",
      order = 10,
      paramLabel = "SECONDS",
      defaultValue = "3600",
      description =
          "TCP and SCTP, closed by one side; 120 at most while more than 40 %% of the table is in"
              + " use (default: ${DEFAULT-VALUE}).")
  int tcpClosing;

  @Option(
      names = "--timeout-tcp-closed",
      order = 10,
      paramLabel = "SECONDS",
      defaultValue = "60",
      description =
          "TCP and SCTP, closed by both sides, reset or aborted; as long as a backend keeps it in"
              + " TIME_WAIT, another client should not get its source port"
              + " (default: ${DEFAULT-VALUE}).")
  int tcpClosed;

  @Option(
      names = "--timeout-udp-new",
      order = 10,
      paramLabel = "SECONDS",
      defaultValue = "30",
      description = "UDP, packets in one direction only (default: ${DEFAULT-VALUE}).")
  int udpNew;

  @Option(
      names = "--timeout-udp-established",
      order = 10,
      paramLabel = "SECONDS",
      defaultValue = "120",
      description = "UDP, packets in both directions (default: ${DEFAULT-VALUE}).")
  int udpEstablished;

  @Option(
      names = "--timeout-icmp",
      order = 10,
      paramLabel = "SECONDS",
      defaultValue = "30",
      description = "ICMP echo (default: ${DEFAULT-VALUE}).")
  int icmp;

  FlowTimeouts timeouts(AgentCommand command) {
    return new FlowTimeouts(
        check(command, "--timeout-tcp-new", tcpNew),
        check(command, "--timeout-tcp-established", tcpEstablished),
        check(command, "--timeout-tcp-closing", tcpClosing),
        check(command, "--timeout-tcp-closed", tcpClosed),
        check(command, "--timeout-udp-new", udpNew),
        check(command, "--timeout-udp-established", udpEstablished),
        check(command, "--timeout-icmp", icmp));
  }

  private static int check(AgentCommand command, String option, int seconds) {
    if (seconds < 2 || seconds > MAX_S) {
      throw command.bad(
          option, String.valueOf(seconds), "must be 2 to " + MAX_S + " seconds (a week)");
    }
    return seconds;
  }
}
