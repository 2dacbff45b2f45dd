// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import io.millrace.agent.Agent;
import io.millrace.agent.AgentConfig;
import io.millrace.agent.AgentConfig.PortRange;
import io.millrace.compile.NodeConfig;
import io.millrace.model.Cidr;
import io.millrace.reconcile.SocketLb;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code millrace agent}. */
@Command(
    name = "agent",
    description = {
      "Programs the kernel of this node from the API server or a folder of manifests, and follows"
          + " it.",
      "Ends on SIGTERM and SIGINT and leaves everything in force; `millrace cleanup` removes it.",
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class AgentCommand implements Callable<Integer> {
  @Mixin ConfigFileOption file = new ConfigFileOption();
  @Mixin SourceOptions source = new SourceOptions();
  @Mixin RunDirOption runDir = new RunDirOption();
  @Mixin AttachOptions attach = new AttachOptions();
  @Mixin FlowTimeoutOptions timeouts = new FlowTimeoutOptions();
  @Mixin FrontendOptions frontends = new FrontendOptions();
  @Mixin SocketLbOptions sockets = new SocketLbOptions();
  @Mixin PolicyFlags policies = new PolicyFlags();
  @Mixin ServerOptions servers = new ServerOptions();
  @Mixin TableSizeOptions sizes = new TableSizeOptions();
  @Mixin PolicySizeOptions policySizes = new PolicySizeOptions();
  @Spec @Nullable CommandSpec spec;

  @Option(
      names = "--node-name",
      paramLabel = "NAME",
      description = "Name of this node in the cluster (default: the host name, in lower case).")
  @Nullable String nodeName;

  @Option(
      names = "--bpffs",
      paramLabel = "DIR",
      defaultValue = "/sys/fs/bpf/millrace",
      description =
          "Folder of pinned maps and links; one agent each. A bpffs is mounted there if it is not"
              + " on one (default: ${DEFAULT-VALUE}).")
  Path bpffs = Path.of("/sys/fs/bpf/millrace");

  @Option(
      names = "--uplinks",
      paramLabel = "auto|NAME,NAME…",
      hideParamSyntax = true,
      defaultValue = "auto",
      split = ",",
      description =
          "Devices that lead out of the node. auto: Ethernet devices that are up and carry a"
              + " default route or an address of the Node object (default: ${DEFAULT-VALUE}).")
  List<String> uplinks = List.of("auto");

  @Option(
      names = "--pod-interfaces",
      paramLabel = "auto|REGEX",
      defaultValue = "auto",
      description =
          "Names of the host side of pods' interfaces, matched as a whole. auto: every veth whose"
              + " other end is in another network namespace (default: ${DEFAULT-VALUE}).")
  String podInterfaces = "auto";

  @Option(
      names = "--cluster-cidr",
      paramLabel = "CIDR,CIDR…",
      hideParamSyntax = true,
      split = ",",
      description = "Address blocks of the cluster's pods, IPv4 and IPv6, separated by commas.")
  List<String> clusterCidrs = List.of();

  @Option(
      names = "--snat-ports",
      paramLabel = "MIN-MAX",
      defaultValue = "20000-29999",
      description =
          "Source ports for connections from outside to other nodes; nothing else on this node may"
              + " use them (default: ${DEFAULT-VALUE}).")
  String snatPorts = "20000-29999";

  @Option(
      names = "--drift-check",
      paramLabel = "SECONDS",
      defaultValue = "300",
      description =
          "How often all that is in the kernel is compared with what should be, and put right: 1 to"
              + " 86400 (default: ${DEFAULT-VALUE}).")
  int driftCheckS = 300;

  @Option(
      names = "--oom-score-adj",
      paramLabel = "N",
      description =
          "How soon the kernel ends the agent when memory is short: -1000, never, to 1000, first"
              + " (default: as it was started).")
  @Nullable Integer oomScoreAdj;

  @Override
  public Integer call() throws IOException {
    AgentConfig config = config();
    file.announce();
    Agent.run(config);
    return ExitCode.OK;
  }

  AgentConfig config() {
    if (spec != null) {
      file.complete(spec);
    }
    SocketLb lb = sockets.socketLb(this);
    return new AgentConfig(
        new NodeConfig(
            nodeName(),
            uplinks(),
            podInterfaces(),
            cidrs("--cluster-cidr", clusterCidrs),
            frontends.nodePortAddresses(this),
            frontends.externalIps(this),
            attach.xdp(this),
            lb.isOn()),
        source.source(this, System.getenv()),
        bpffs.toAbsolutePath().normalize(),
        runDir.dir.toAbsolutePath().normalize(),
        attach.tcx(this),
        attach.direct(this),
        lb,
        sockets.netnsDir(),
        policies.policy(this),
        servers.servers(this),
        driftCheckS(),
        oomScoreAdj(),
        snatPorts(),
        timeouts.timeouts(this),
        sizes.sizes(this, policySizes.sizes(this)));
  }

  private String nodeName() {
    String name = nodeName;
    if (name == null) {
      try {
        name = InetAddress.getLocalHost().getHostName();
      } catch (UnknownHostException e) {
        throw bad("--node-name", "", "is not given, and this host has no name: give it one");
      }
    }
    name = name.strip().toLowerCase(Locale.ROOT); // as nodes are named (S-176)
    if (name.isEmpty() || name.length() > 253) {
      throw bad("--node-name", name, "must have 1 to 253 characters");
    }
    return name;
  }

  private @Nullable Set<String> uplinks() {
    if (uplinks.equals(List.of("auto"))) {
      return null;
    }
    for (String name : uplinks) {
      if (name.isEmpty() || name.length() > 15 || name.equals("auto")) {
        throw bad("--uplinks", name, "is no device name: give auto, or names such as eth0,eth1");
      }
    }
    return Set.copyOf(uplinks);
  }

  private @Nullable Pattern podInterfaces() {
    if (podInterfaces.equals("auto")) {
      return null;
    }
    try {
      return Pattern.compile(podInterfaces);
    } catch (java.util.regex.PatternSyntaxException e) {
      throw bad(
          "--pod-interfaces",
          podInterfaces,
          "is neither auto nor a regular expression such as cali.*: " + e.getDescription());
    }
  }

  private int driftCheckS() {
    if (driftCheckS < 1 || driftCheckS > 86_400) {
      throw bad("--drift-check", Integer.toString(driftCheckS), "must be 1 to 86400");
    }
    return driftCheckS;
  }

  private @Nullable Integer oomScoreAdj() {
    Integer score = oomScoreAdj;
    if (score != null && Math.abs(score) > 1000) {
      throw bad("--oom-score-adj", score.toString(), "must be -1000 to 1000");
    }
    return score;
  }

  List<Cidr> cidrs(String option, List<String> texts) {
    return texts.stream()
        .map(
            text -> {
              Cidr cidr = Cidr.tryParse(text.trim());
              if (cidr == null) {
                throw bad(option, text, "is no address block such as 10.0.0.0/8 or fd00::/8");
              }
              return cidr;
            })
        .toList();
  }

  private PortRange snatPorts() {
    var range = Pattern.compile("(\\d{1,5})-(\\d{1,5})").matcher(snatPorts);
    if (range.matches()) {
      int min = Integer.parseInt(range.group(1));
      int max = Integer.parseInt(range.group(2));
      if (min >= 1024 && max <= 65_535 && max - min >= 63) {
        return new PortRange(min, max);
      }
    }
    throw bad(
        "--snat-ports",
        snatPorts,
        "is no range of at least 64 ports between 1024 and 65535, such as 20000-29999");
  }

  ParameterException bad(String option, String value, String reason) {
    if (spec == null) {
      throw new IllegalStateException("picocli sets it");
    }
    String origin = file.origin(option);
    return new ParameterException(spec.commandLine(), origin + " " + value + " " + reason);
  }
}
