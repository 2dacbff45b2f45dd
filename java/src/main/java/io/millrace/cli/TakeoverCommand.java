// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import io.millrace.admin.AdminClient;
import io.millrace.admin.AdminException;
import io.millrace.admin.proto.Request;
import io.millrace.admin.proto.Serving;
import io.millrace.admin.proto.Status;
import io.millrace.admin.proto.StatusRequest;
import io.millrace.takeover.Host;
import io.millrace.takeover.KubeProxy;
import io.millrace.takeover.LinuxHost;
import io.millrace.takeover.Plan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace takeover}. */
@Command(
    name = "takeover",
    description = {
      "Removes what kube-proxy has left on this node: its iptables chains, nftables tables, and what"
          + " it has made of IPVS.",
      "Refuses unless the agent serves, and while kube-proxy runs. Connections that its rules carry"
          + " are not cut: what they need stays, and is removed when this is run again after they"
          + " have ended. Run it in the agent's network namespace.",
    },
    mixinStandardHelpOptions = true)
final class TakeoverCommand implements Callable<Integer> {
  private static final Request STATUS =
      Request.newBuilder().setStatus(StatusRequest.getDefaultInstance()).build();

  @Mixin RunDirOption runDir = new RunDirOption();
  @Mixin OutputOption output = new OutputOption();

  @Option(names = "--dry-run", description = "Only says what would be removed, and what would not.")
  boolean dryRun;

  @Option(
      names = "--host-root",
      paramLabel = "DIR",
      description =
          "Where the node's own file system lies, in a container: its nft and iptables are run"
              + " there.")
  @Nullable Path hostRoot;

  @Override
  public Integer call() throws IOException, AdminException {
    Status status = ask();
    Host host = new LinuxHost(hostRoot);
    List<String> obstacles = obstacles(status, KubeProxy.running(host));
    if (!dryRun && !obstacles.isEmpty()) {
      throw new IOException("nothing was removed: " + String.join("; ", obstacles));
    }
    Plan plan = KubeProxy.leftovers(host, status.getOthersCarry());
    if (!dryRun) {
      plan.run(host);
      check(KubeProxy.leftovers(host, status.getOthersCarry()));
    }
    PlanView.print(plan, obstacles, dryRun, output.json(), System.out);
    return ExitCode.OK;
  }

  private Status ask() throws IOException, AdminException {
    Status[] status = {Status.getDefaultInstance()};
    try (AdminClient client = runDir.connect()) {
      client.call(STATUS, response -> status[0] = response.getStatus());
    }
    return status[0];
  }

  /** What must be mended before anything is removed. */
  static List<String> obstacles(Status status, Optional<String> kubeProxy) {
    List<String> obstacles = new ArrayList<>();
    if (status.getServing() == Serving.HANDED_BACK) {
      obstacles.add(
          "this node's services were handed back; `millrace handback --undo` takes them again");
    } else if (status.getState() != Status.State.SYNCED || status.getServing() != Serving.SERVES) {
      obstacles.add(
          "the agent does not serve yet; `millrace status --wait-synced 60` waits for it, and says"
              + " what stands in the way");
    }
    kubeProxy.ifPresent(
        how ->
            obstacles.add(
                "kube-proxy runs ("
                    + how
                    + ") and would write its rules again; end it first (kubectl -n kube-system"
                    + " delete daemonset kube-proxy)"));
    return obstacles;
  }

  private static void check(Plan after) throws IOException {
    if (!after.isEmpty()) {
      throw new IOException(
          "removed, and there again: somebody writes kube-proxy's rules: "
              + String.join("; ", after.steps().get(0).text()));
    }
  }
}
