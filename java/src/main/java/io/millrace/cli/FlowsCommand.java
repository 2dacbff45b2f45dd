// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import io.millrace.admin.AdminClient;
import io.millrace.admin.AdminException;
import io.millrace.admin.proto.Flow;
import io.millrace.admin.proto.FlowsRequest;
import io.millrace.admin.proto.Request;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace flows}. */
@Command(
    name = "flows",
    description = {
      "Lists tracked connections: where their packets come from, where they go, and as what.",
      "Filters are joined by AND.",
    },
    mixinStandardHelpOptions = true)
final class FlowsCommand implements Callable<Integer> {
  @Mixin RunDirOption runDir = new RunDirOption();
  @Mixin OutputOption output = new OutputOption();

  @Option(
      names = "--pod",
      paramLabel = "[NAMESPACE/]NAME",
      description = "Only flows from or to this pod.")
  String pod = "";

  @Option(
      names = "--service",
      paramLabel = "[NAMESPACE/]NAME",
      description = "Only flows through this service.")
  String service = "";

  @Option(
      names = "--address",
      paramLabel = "IP",
      description = "Only flows with this address, before or after translation.")
  String address = "";

  @Option(names = "--replies", description = "Also the halves that carry replies.")
  boolean replies;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "1000",
      description = "At most so many, up to 100,000 (default: ${DEFAULT-VALUE}).")
  int limit = 1000;

  @Override
  public Integer call() throws IOException, AdminException {
    FlowsRequest.Builder flowsRequest =
        FlowsRequest.newBuilder()
            .setPod(pod)
            .setService(service)
            .setAddress(address)
            .setReplies(replies)
            .setLimit(limit);
    List<Flow> flows = new ArrayList<>();
    boolean[] more = {false};
    try (AdminClient client = runDir.connect()) {
      client.call(
          Request.newBuilder().setFlows(flowsRequest).build(),
          response -> {
            flows.addAll(response.getFlows().getFlowsList());
            more[0] |= response.getFlows().getMore();
          });
    }
    print(flows, more[0], System.out);
    return ExitCode.OK;
  }

  private void print(List<Flow> flows, boolean more, PrintStream out) throws IOException {
    if (output.json()) {
      FlowsView.printJson(flows, more, out);
    } else {
      FlowsView.print(flows, more, out);
    }
    out.flush();
  }
}
