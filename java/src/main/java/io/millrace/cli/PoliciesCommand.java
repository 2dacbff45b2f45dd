// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import io.millrace.admin.AdminClient;
import io.millrace.admin.AdminException;
import io.millrace.admin.proto.PodPolicies;
import io.millrace.admin.proto.PoliciesRequest;
import io.millrace.admin.proto.Request;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code millrace policies}. */
@Command(
    name = "policies",
    description = {
      "Lists the pods of this node and the directions in which NetworkPolicies isolate them, or the"
          + " rules that hold for one of them.",
    },
    mixinStandardHelpOptions = true)
final class PoliciesCommand implements Callable<Integer> {
  @Mixin RunDirOption runDir = new RunDirOption();
  @Mixin OutputOption output = new OutputOption();

  @Parameters(
      arity = "0..1",
      paramLabel = "POD|NAMESPACE/POD",
      description = "Shows every rule of this pod, both directions.")
  String pod = "";

  @Override
  public Integer call() throws IOException, AdminException {
    Request request =
        Request.newBuilder().setPolicies(PoliciesRequest.newBuilder().setPod(pod)).build();
    List<PodPolicies> pods = new ArrayList<>();
    try (AdminClient client = runDir.connect()) {
      client.call(request, response -> pods.addAll(response.getPolicies().getPodsList()));
    }
    PrintStream out = System.out;
    if (output.json()) {
      PoliciesView.printJson(pods, out);
    } else if (pod.isEmpty()) {
      PoliciesView.print(pods, out);
    } else {
      pods.forEach(each -> PoliciesView.printRules(each, out));
    }
    out.flush();
    return ExitCode.OK;
  }
}
