// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import io.millrace.admin.AdminClient;
import io.millrace.admin.AdminException;
import io.millrace.admin.proto.Request;
import io.millrace.admin.proto.Service;
import io.millrace.admin.proto.ServicesRequest;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code millrace services}. */
@Command(
    name = "services",
    description = {
      "Lists the services in force, or one of them with its endpoints.",
      "ENDPOINTS counts those that new flows are given to, LOCAL how many of them are on this node.",
    },
    mixinStandardHelpOptions = true)
final class ServicesCommand implements Callable<Integer> {
  @Mixin RunDirOption runDir = new RunDirOption();
  @Mixin OutputOption output = new OutputOption();

  @Parameters(
      arity = "0..1",
      paramLabel = "NAME|NAMESPACE/NAME",
      description = "Shows these services with every endpoint.")
  String name = "";

  @Override
  public Integer call() throws IOException, AdminException {
    Request request =
        Request.newBuilder()
            .setServices(ServicesRequest.newBuilder().setName(name).setEndpoints(!name.isEmpty()))
            .build();
    List<Service> services = new ArrayList<>();
    try (AdminClient client = runDir.connect()) {
      client.call(request, response -> services.addAll(response.getServices().getServicesList()));
    }
    PrintStream out = System.out;
    if (output.json()) {
      printJson(services, out);
    } else {
      ServicesView.print(services, !name.isEmpty(), out);
    }
    out.flush();
    return ExitCode.OK;
  }

  static void printJson(List<Service> services, PrintStream out) throws IOException {
    try (JsonOutput json = new JsonOutput(out)) {
      json.startList("services");
      for (Service service : services) {
        json.message(service);
      }
      json.endList();
    }
  }
}
