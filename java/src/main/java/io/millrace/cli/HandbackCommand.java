// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import io.millrace.admin.AdminClient;
import io.millrace.admin.AdminException;
import io.millrace.admin.NoAgentException;
import io.millrace.admin.proto.Request;
import io.millrace.admin.proto.Service;
import io.millrace.admin.proto.ServicesRequest;
import io.millrace.agent.Cleanup;
import io.millrace.bpf.Adoption;
import io.millrace.bpf.BpfException;
import io.millrace.bpf.Hold;
import io.millrace.bpf.PinnedServing;
import io.millrace.bpf.PinnedServing.HandBack;
import io.millrace.takeover.Host;
import io.millrace.takeover.KubeProxyRules;
import io.millrace.takeover.LinuxHost;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace handback}. */
@Command(
    name = "handback",
    description = {
      "Leaves this node's services to kube-proxy, whose rules must be in force: new connections at"
          + " once, and those that are open by way of the kernel's connection tracking.",
      "While an agent runs its programs stay, and serve nothing; end it and run this again, or"
          + " `millrace cleanup`, to remove them. Run it in the agent's network namespace.",
    },
    mixinStandardHelpOptions = true)
final class HandbackCommand implements Callable<Integer> {
  /** How long a packet may be under way that has read who serves before that changed, and more. */
  private static final long REST_MS = 100;

  /** Likewise, until a connection that its packet has opened with kube-proxy is among his. */
  private static final long UNDO_REST_MS = 500;

  private static final int LEAST_PASSES = 3;
  private static final int MOST_PASSES = 50;

  /** Between two counts of what is left: of a connection that ends nobody tells. */
  private static final long DRAIN_LOOK_MS = 500;

  @Mixin RunDirOption runDir = new RunDirOption();

  @Option(
      names = "--bpffs",
      paramLabel = "DIR",
      defaultValue = "/sys/fs/bpf/millrace",
      description = "The agent's folder of pinned maps and links (default: ${DEFAULT-VALUE}).")
  Path bpffs = Path.of("/sys/fs/bpf/millrace");

  @Option(names = "--dry-run", description = "Only says what would become of connections.")
  boolean dryRun;

  @Option(
      names = "--drain",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description =
          "How long connections may take to end that cannot be moved, before programs are removed:"
              + " SCTP, and pods' to services outside of the cluster (default: ${DEFAULT-VALUE}).")
  int drainS = 60;

  @Option(names = "--undo", description = "Serves again, and leaves to kube-proxy what it carries.")
  boolean undo;

  @Option(
      names = "--host-root",
      paramLabel = "DIR",
      description = "Where the node's own file system lies, in a container.")
  @Nullable Path hostRoot;

  private final PrintStream out = System.out;

  @Override
  public Integer call() throws IOException, AdminException, InterruptedException {
    if (drainS < 0) {
      throw new IOException("--drain " + drainS + ": a number of seconds from 0 on is needed");
    }
    bpffs = bpffs.toAbsolutePath().normalize();
    try {
      Optional<PinnedServing> found = PinnedServing.at(bpffs);
      if (found.isEmpty()) {
        out.println("nothing to hand back: no programs of Millrace at " + bpffs);
        return ExitCode.OK;
      }
      return undo ? takeAgain(found.get()) : handBack(found.get());
    } catch (BpfException | IllegalStateException e) {
      throw new IOException(e.getMessage(), e);
    } finally {
      out.flush();
    }
  }

  private int handBack(PinnedServing serving)
      throws IOException, AdminException, InterruptedException {
    Optional<String> obstacle = obstacle(new LinuxHost(hostRoot));
    if (dryRun) {
      tell("would be moved", serving.look());
      obstacle.ifPresent(why -> out.println("would refuse: " + why));
      return ExitCode.OK;
    }
    if (obstacle.isPresent()) {
      throw new IOException("nothing was handed back: " + obstacle.get());
    }
    reserve(serving);
    serving.setHold(Hold.BACK);
    out.println("new connections are left to kube-proxy");
    HandBack moved = moveAll(serving::move, REST_MS);
    tell("moved", moved);
    if (moved.failed() > 0) {
      throw new IOException(
          moved.failed()
              + " connections could not be moved; they are carried as before, and so are the"
              + " programs left; try again, or take it back: millrace handback --undo");
    }
    return remove(serving);
  }

  /** What must be mended before anything is handed back. */
  private Optional<String> obstacle(Host host) throws IOException, AdminException {
    if (!KubeProxyRules.any(host)) {
      return Optional.of(
          "kube-proxy has no rules here; start it, wait until its health check (:10256/healthz) or"
              + " its log says that it has synced, and run this again");
    }
    List<String> missing = KubeProxyRules.missing(host, clusterIps());
    if (missing.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        "kube-proxy's rules lack "
            + missing.size()
            + " services, such as "
            + missing.get(0)
            + "; wait until it has synced, and run this again");
  }

  /** Those with endpoints, as the agent has them; none if none runs. */
  private List<String> clusterIps() throws IOException, AdminException {
    Request request =
        Request.newBuilder().setServices(ServicesRequest.getDefaultInstance()).build();
    List<Service> services = new ArrayList<>();
    try (AdminClient client = runDir.connect()) {
      client.call(request, response -> services.addAll(response.getServices().getServicesList()));
    } catch (NoAgentException e) {
      return List.of();
    }
    return services.stream().flatMap(HandbackCommand::addresses).distinct().toList();
  }

  /** Those that are the service's own, and not a node's. */
  private static Stream<String> addresses(Service service) {
    return service.getPortsList().stream()
        .flatMap(
            port -> {
              String suffix = ":" + port.getPort();
              return port.getFrontendsList().stream()
                  .filter(frontend -> frontend.endsWith(suffix))
                  .map(frontend -> frontend.substring(0, frontend.length() - suffix.length()));
            })
        .map(address -> address.replaceAll("[\\[\\]]", ""));
  }

  /** The second time quickly, those that were opened during the first. */
  private static void reserve(PinnedServing serving) throws IOException {
    if (serving.hold() != Hold.NONE) {
      return;
    }
    serving.reserve();
    int failed = serving.reserve().failed();
    if (failed > 0) {
      throw new IOException(
          "nothing was handed back: connection tracking did not take the source ports of "
              + Units.count(failed, "connection", "connections")
              + ", which kube-proxy could give away again; if its table is full"
              + " (nf_conntrack_count), raise nf_conntrack_max, and run this again");
    }
  }

  /**
   * Until none is found: one may have been opened by a packet that was under way.
   *
   * @param restMs between two looks
   */
  static HandBack moveAll(Supplier<HandBack> move, long restMs)
      throws IOException, InterruptedException {
    HandBack all = move.get();
    for (int pass = 1; pass <= MOST_PASSES; pass++) {
      Thread.sleep(restMs);
      HandBack more = move.get();
      all =
          new HandBack(
              all.moved() + more.moved(), all.direct() + more.direct(), more.left(), more.failed());
      if (pass >= LEAST_PASSES && more.moved() + more.direct() == 0) {
        return all;
      }
    }
    throw new IOException(
        "connections are opened still, although new ones are left to kube-proxy; the programs are"
            + " left: run this again, or take it back: millrace handback --undo");
  }

  private void tell(String verb, HandBack count) {
    out.println(
        verb
            + " to connection tracking: "
            + Units.count(count.moved(), "connection", "connections")
            + "; to the stack: "
            + count.direct()
            + " between pods; cannot be moved: "
            + count.left());
  }

  /** Takes the programs away, if nobody runs who would put them back. */
  private int remove(PinnedServing serving)
      throws IOException, AdminException, InterruptedException {
    if (agentRuns()) {
      out.println(
          "the agent still runs, and serves nothing: end it (its DaemonSet, or its unit), then run"
              + " `millrace cleanup`; `millrace handback --undo` serves again");
      return ExitCode.OK;
    }
    drain(serving);
    Cleanup.run(runDir.dir.toAbsolutePath().normalize(), bpffs)
        .forEach(what -> out.println("removed " + what));
    return ExitCode.OK;
  }

  private void drain(PinnedServing serving) throws InterruptedException {
    long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(drainS);
    int left = serving.look().left();
    while (left > 0 && System.nanoTime() - endNs < 0) {
      Thread.sleep(DRAIN_LOOK_MS);
      left = serving.look().left();
    }
    if (left > 0) {
      out.println(
          Units.count(left, "connection", "connections")
              + " that cannot be moved did not end within "
              + drainS
              + " s, and end with the programs");
    }
  }

  private boolean agentRuns() throws IOException {
    try (AdminClient client = runDir.connect()) {
      return client != null;
    } catch (NoAgentException e) {
      return false;
    }
  }

  /** As an agent does when it starts beside somebody who serves. */
  private int takeAgain(PinnedServing serving) throws InterruptedException {
    if (serving.hold() != Hold.BACK) {
      out.println("nothing to undo: services were not handed back");
      return ExitCode.OK;
    }
    if (dryRun) {
      out.println("would serve again");
      return ExitCode.OK;
    }
    Adoption found = serving.adopt();
    serving.setAdopted(found.adopted());
    serving.setHold(Hold.NONE);
    Thread.sleep(UNDO_REST_MS);
    found = serving.adopt();
    serving.setAdopted(found.adopted());
    out.println("serving again; connections that stay with kube-proxy: " + found.left());
    return ExitCode.OK;
  }
}
