// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import io.millrace.admin.AdminClient;
import io.millrace.admin.AdminException;
import io.millrace.admin.proto.Request;
import io.millrace.admin.proto.Trace;
import io.millrace.admin.proto.TraceRequest;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace trace}. */
@Command(
    name = "trace",
    description = {
      "Tells what would become of the first packet of a connection, and why.",
      "The programs in the kernel are asked over their live tables; nothing is sent, and nothing is"
          + " left behind.",
    },
    mixinStandardHelpOptions = true)
final class TraceCommand implements Callable<Integer> {
  @Mixin RunDirOption runDir = new RunDirOption();
  @Mixin OutputOption output = new OutputOption();

  @Option(
      names = "--from",
      required = true,
      paramLabel = "NAMESPACE/POD|IP",
      description = "Who sends: a pod, this node by its address, or anybody outside.")
  String from = "";

  @Option(
      names = "--to",
      required = true,
      paramLabel = "NAMESPACE/POD|NAMESPACE/SERVICE|IP",
      description = {
        "Whom he means: a pod, a Service by its ClusterIP, or any address.",
        "pod/NAMESPACE/NAME and svc/NAMESPACE/NAME where both are called so.",
      })
  String to = "";

  @Option(
      names = "--port",
      paramLabel = "N",
      description = "The destination port; of a Service its own, not the pod's.")
  int port;

  @Option(
      names = "--protocol",
      paramLabel = "tcp|udp|sctp|icmp",
      defaultValue = "tcp",
      description = "icmp is an echo request (default: ${DEFAULT-VALUE}).")
  String protocol = "tcp";

  @Option(
      names = "--source-port",
      paramLabel = "N",
      description = {
        "The source port; of icmp the identifier (default: a random one).",
        "With that of a connection that is open, the packet goes by it.",
      })
  int sourcePort;

  @Option(names = "--ipv6", description = "IPv6, where both ends have both families.")
  boolean ipv6;

  @Override
  public Integer call() throws IOException, AdminException {
    TraceRequest.Builder question =
        TraceRequest.newBuilder()
            .setFrom(from)
            .setTo(to)
            .setPort(port)
            .setProtocol(protocol.toLowerCase(Locale.ROOT))
            .setSourcePort(sourcePort)
            .setIpv6(ipv6);
    Trace[] trace = {Trace.getDefaultInstance()};
    try (AdminClient client = runDir.connect()) {
      client.call(
          Request.newBuilder().setTrace(question).build(),
          response -> trace[0] = response.getTrace());
    }
    PrintStream out = System.out;
    if (output.json()) {
      JsonOutput.print(trace[0], out);
    } else {
      TraceView.print(trace[0], out);
    }
    out.flush();
    return ExitCode.OK;
  }
}
