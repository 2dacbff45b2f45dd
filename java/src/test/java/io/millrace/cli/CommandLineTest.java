// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.agent.AgentConfig;
import io.millrace.agent.ServerConfig;
import io.millrace.agent.SourceConfig;
import io.millrace.bpf.FlowTimeouts;
import io.millrace.bpf.MapName;
import io.millrace.bpf.MapSizes;
import io.millrace.bpf.PolicySizes;
import io.millrace.compile.NodePortAddresses;
import io.millrace.compile.XdpMode;
import io.millrace.model.Cidr;
import io.millrace.reconcile.PolicyOptions;
import io.millrace.reconcile.SocketLb;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class CommandLineTest {
  private static final Path MOUNTS = Path.of("/proc/self/mounts");

  @TempDir Path dir;

  @Test
  void defaultsAreThoseOfTheInterfaces() {
    AgentConfig config = agent();
    assertThat(config.runDir()).isEqualTo(Path.of("/run/millrace"));
    assertThat(config.bpffs()).isEqualTo(Path.of("/sys/fs/bpf/millrace"));
    assertThat(config.flowTimeouts()).isEqualTo(FlowTimeouts.DEFAULT);
    assertThat(config.mapSizes()).isEqualTo(MapSizes.DEFAULT);
    assertThat(config.snatPorts()).isEqualTo(new AgentConfig.PortRange(20_000, 29_999));
    assertThat(config.socketLb().isOn()).isEqualTo(SocketLbOptions.mounted(MOUNTS).isPresent());
    assertThat(config.node().sockets()).isEqualTo(config.socketLb().isOn());
    assertThat(config.node().uplinks()).isNull();
    assertThat(config.node().podInterfaces()).isNull();
    assertThat(config.node().nodePortAddresses()).isEqualTo(NodePortAddresses.ALL);
    assertThat(config.node().externalIps()).isTrue();
    assertThat(config.node().nodeName()).isNotEmpty();
    assertThat(config.node().xdp()).isEqualTo(XdpMode.AUTO);
    assertThat(config.tcx()).isTrue();
  }

  @Test
  void flagsSayWhatTheySay() {
    AgentConfig config =
        agent(
            "--node-name=n1",
            "--uplinks=eth0,eth1",
            "--pod-interfaces=cali.*",
            "--cluster-cidr=10.244.0.0/16,fd00:10:244::/48",
            "--node-port-addresses=primary",
            "--external-ips=off",
            "--snat-ports=40000-41000",
            "--xdp=native",
            "--tcx=off",
            "--timeout-udp-new=5",
            "--max-flows4=1000",
            "--max-policy-peers=200000");
    assertThat(config.node().nodeName()).isEqualTo("n1");
    assertThat(config.node().uplinks()).isEqualTo(Set.of("eth0", "eth1"));
    assertThat(config.node().podInterfaces()).hasToString("cali.*");
    assertThat(config.node().clusterCidrs())
        .containsExactly(Cidr.parse("10.244.0.0/16"), Cidr.parse("fd00:10:244::/48"));
    assertThat(config.node().nodePortAddresses()).isEqualTo(NodePortAddresses.PRIMARY);
    assertThat(config.node().externalIps()).isFalse();
    assertThat(config.snatPorts()).hasToString("40000-41000");
    assertThat(config.node().xdp()).isEqualTo(XdpMode.NATIVE);
    assertThat(config.tcx()).isFalse();
    assertThat(agent("--xdp=off").node().xdp()).isEqualTo(XdpMode.OFF);
    assertThat(config.flowTimeouts().udpNew()).isEqualTo(5);
    assertThat(config.mapSizes().flows4()).isEqualTo(1000);
    assertThat(config.mapSizes().policies())
        .isEqualTo(new PolicySizes(4096, 200_000, 8192, 131_072, 16_384));
  }

  @Test
  void eachTableOfPolicyHasItsFlag() {
    for (MapName map : MapName.values()) {
      PolicySizes.flag(map.mapName())
          .ifPresent(flag -> assertThat(refused(flag + "=1")).contains(flag + " 1 must be 64 to"));
    }
    assertThat(PolicySizes.flag("set_peers")).contains("--max-policy-set-peers");
  }

  @Test
  void serversListenWhereTheyAreToldTo() throws Exception {
    assertThat(agent().servers())
        .isEqualTo(new ServerConfig(at("0.0.0.0", 10_256), at("127.0.0.1", 10_249), false));
    assertThat(agent("--healthz-bind-address=", "--metrics-bind-address=").servers())
        .isEqualTo(ServerConfig.NONE);
    assertThat(agent("--healthz-bind-address=[::]:1234", "--metrics-bind-address=::1").servers())
        .isEqualTo(new ServerConfig(at("::", 1234), at("::1", 10_249), false));
    assertThat(agent("--healthz-bind-address=:80", "--metrics-bind-address=192.0.2.1").servers())
        .isEqualTo(new ServerConfig(at("0.0.0.0", 80), at("192.0.2.1", 10_249), false));
  }

  private static InetSocketAddress at(String address, int port) throws UnknownHostException {
    return new InetSocketAddress(InetAddress.getByName(address), port);
  }

  @Test
  void socketsAreServedWhereThereIsACgroup() throws Exception {
    Files.createFile(dir.resolve("cgroup.controllers"));
    assertThat(agent("--cgroup=" + dir).socketLb()).isEqualTo(SocketLb.on(dir));
    for (String flag : List.of("--cgroup=none", "--socket-lb=off")) {
      AgentConfig config = agent(flag);
      assertThat(config.socketLb()).isEqualTo(SocketLb.off(flag));
      assertThat(config.node().sockets()).isFalse();
    }
    Path mounts = dir.resolve("mounts");
    Files.writeString(mounts, "proc /proc proc rw 0 0\ncg /run/cg cgroup2 rw 0 0\n");
    assertThat(SocketLbOptions.mounted(mounts)).contains(Path.of("/run/cg"));
    Files.writeString(mounts, "cgroup /sys/fs/cgroup/cpu cgroup rw 0 0\n");
    assertThat(SocketLbOptions.mounted(mounts)).isEmpty();
  }

  @Test
  void aBadValueNamesTheFlagAndWhatWouldBeGood() {
    assertThat(refused("--snat-ports=5-1")).contains("--snat-ports 5-1").contains("20000-29999");
    assertThat(refused("--snat-ports=20000-20010")).contains("at least 64 ports");
    assertThat(refused("--cluster-cidr=10.0.0.0"))
        .contains("--cluster-cidr")
        .contains("10.0.0.0/8");
    assertThat(refused("--node-port-addresses=x")).contains("--node-port-addresses x");
    assertThat(refused("--node-port-addresses=primary,10.0.0.0/8")) // S-091
        .contains("--node-port-addresses primary goes with nothing else");
    assertThat(refused("--external-ips=no")).contains("--external-ips no is neither on nor off");
    assertThat(refused("--uplinks=a-name-that-is-too-long")).contains("--uplinks");
    assertThat(refused("--pod-interfaces=(")).contains("regular expression");
    assertThat(refused("--cgroup=" + dir)).contains("--cgroup").contains("or none");
    assertThat(refused("--socket-lb=maybe")).contains("--socket-lb maybe is neither on nor off");
    assertThat(refused("--host-routing=xdp")).contains("--host-routing xdp is neither bpf nor");
    assertThat(refused("--timeout-icmp=0")).contains("--timeout-icmp 0 must be 2 to");
    assertThat(refused("--max-slots=1")).contains("--max-slots 1 must be 64 to");
    assertThat(refused("--max-policy-sets=1")).contains("--max-policy-sets 1 must be 64 to");
    assertThat(refused("--max-slots=many")).contains("--max-slots");
    assertThat(refused("--xdp=generic")).contains("--xdp generic is none of auto, native and off");
    assertThat(refused("--tcx=on")).contains("--tcx on is neither auto nor off");
    assertThat(refused("--nonsense")).contains("--nonsense");
    for (String place :
        List.of("here:80", "1.2.3.4:0", "[::1", "[]:80", "::1:10256:x", "1.2.3.4:")) {
      assertThat(refused("--metrics-bind-address=" + place))
          .contains("--metrics-bind-address " + place + " is no address with a port");
    }
    assertThat(refused("--healthz-bind-address=127.0.0.1:10249"))
        .contains("is that of --healthz-bind-address");
    assertThat(refused("--manifests=/nowhere")).contains("/nowhere is no folder");
  }

  @Test
  void thereIsOneSource() throws IOException {
    assertThat(agent().source()).isEqualTo(new SourceConfig.Manifests(dir.toAbsolutePath()));
    assertThat(refused("--kubeconfig=/nowhere")).contains("and --kubeconfig: give one source");
    assertThat(refused("--api-server=https://a")).contains("and --api-server: give one source");
    assertThat(run(List.of("agent", "--kubeconfig=/nowhere")).err())
        .contains("--kubeconfig /nowhere cannot be used: /nowhere is not there");
    AgentCommand none = new AgentCommand();
    CommandLine line = new CommandLine(none);
    assertThatThrownBy(() -> none.source.source(none, Map.of()))
        .as(line.getCommandName())
        .hasMessageContaining(
            "--kubeconfig FILE or --manifests DIR is needed outside of a cluster's pod");

    Path file = dir.resolve("kubeconfig");
    Files.writeString(
        file,
        """
        current-context: c
        contexts: [{name: c, context: {cluster: c}}]
        clusters: [{name: c, cluster: {server: 'https://10.96.0.1'}}]
        """);
    assertThat(parsed("--kubeconfig=" + file).source()).hasToString("https://10.96.0.1");
    assertThat(parsed("--kubeconfig=" + file, "--api-server=https://192.0.2.1:6443").source())
        .hasToString("https://192.0.2.1:6443");
  }

  private String configFile(String fields) throws IOException {
    Path file = dir.resolve("config.conf");
    Files.writeString(
        file,
        "{apiVersion: kubeproxy.config.k8s.io/v1alpha1, kind: KubeProxyConfiguration, "
            + fields
            + "}");
    return "--config=" + file;
  }

  @Test
  void flagsComeBeforeTheFileAndTheFileBeforeDefaults() throws Exception {
    String file =
        configFile(
            "hostnameOverride: N1, clusterCIDR: '10.1.0.0/16,fd01::/48', oomScoreAdj: -5,"
                + " healthzBindAddress: '1.2.3.4', metricsBindAddress: '',"
                + " bindAddressHardFail: true, nodePortAddresses: [10.0.0.0/8],"
                + " clientConnection: {kubeconfig: /nowhere},"
                + " detectLocalMode: InterfaceNamePrefix, detectLocal: {interfaceNamePrefix: a.b},"
                + " conntrack: {tcpEstablishedTimeout: 2h, udpTimeout: 9s}");
    AgentConfig config = agent(file);
    assertThat(config.node().nodeName()).isEqualTo("n1"); // S-176
    assertThat(config.node().clusterCidrs()) // S-078
        .containsExactly(Cidr.parse("10.1.0.0/16"), Cidr.parse("fd01::/48"));
    assertThat(config.node().nodePortAddresses().cidrs()).containsExactly(Cidr.parse("10.0.0.0/8"));
    assertThat(config.node().podInterfaces()).isNotNull();
    assertThat(config.node().podInterfaces().matcher("a.b12").matches()).isTrue();
    assertThat(config.node().podInterfaces().matcher("axb12").matches()).isFalse();
    assertThat(config.oomScoreAdj()).isEqualTo(-5);
    assertThat(config.servers())
        .isEqualTo(new ServerConfig(at("1.2.3.4", 10_256), at("127.0.0.1", 10_249), true));
    assertThat(config.flowTimeouts().tcpEstablished()).isEqualTo(7200); // S-166
    assertThat(config.flowTimeouts().udpNew()).isEqualTo(9);
    assertThat(config.flowTimeouts().icmp()).isEqualTo(FlowTimeouts.DEFAULT.icmp());
    assertThat(config.source()).isEqualTo(new SourceConfig.Manifests(dir.toAbsolutePath()));

    AgentConfig flags =
        agent(
            "--timeout-udp-new=7",
            file,
            "--node-name=n2",
            "--cluster-cidr=10.2.0.0/16",
            "--healthz-bind-address=",
            "--bind-address-hard-fail=off",
            "--oom-score-adj=3");
    assertThat(flags.node().nodeName()).isEqualTo("n2");
    assertThat(flags.node().clusterCidrs()).containsExactly(Cidr.parse("10.2.0.0/16"));
    assertThat(flags.oomScoreAdj()).isEqualTo(3);
    assertThat(flags.servers()).isEqualTo(new ServerConfig(null, at("127.0.0.1", 10_249), false));
    assertThat(flags.flowTimeouts().udpNew()).isEqualTo(7);
    assertThat(flags.flowTimeouts().tcpEstablished()).isEqualTo(7200);
  }

  @Test
  void aBadValueOfTheFileNamesFileAndField() throws IOException {
    String before = "--config " + dir.resolve("config.conf") + ": ";
    assertThat(refused(configFile("clusterCIDR: 10.0.0.0")))
        .contains(before + "clusterCIDR 10.0.0.0 is no address block");
    assertThat(refused(configFile("conntrack: {udpTimeout: 9999999h}")))
        .contains(before + "conntrack.udpTimeout 2147483647 must be 2 to");
    assertThat(refused(configFile("metricsBindAddress: here:80")))
        .contains(before + "metricsBindAddress here:80 is no address with a port");
    assertThat(refused(configFile("oomScoreAdj: 1001")))
        .contains(before + "oomScoreAdj 1001 must be -1000 to 1000");
    assertThat(refused(configFile("mode: 7"))).contains(before + "mode 7 is no text");
    assertThat(refused("--config=/nowhere")).contains("--config /nowhere: is not there");
    assertThat(refused("--oom-score-adj=2000")).contains("--oom-score-adj 2000 must be -1000");
    assertThat(refused("--bind-address-hard-fail=1")).contains("1 is neither on nor off");
    String source = configFile("clientConnection: {kubeconfig: /nowhere}");
    assertThat(run(List.of("agent", source)).err())
        .contains(before + "clientConnection.kubeconfig /nowhere cannot be used");
  }

  @Test
  void policiesAreEnforcedUnlessTheyAreSwitchedOff() {
    assertThat(agent().policy()).isEqualTo(PolicyOptions.DEFAULT);
    assertThat(agent("--policy=off").policy()).isEqualTo(PolicyOptions.OFF);
    assertThat(agent("--established=keep").policy().rejudge()).isFalse();
    assertThat(refused("--policy=yes")).contains("yes is neither on nor off");
  }

  @Test
  void nodesAreNamedInLowerCase() { // S-176
    assertThat(agent("--node-name= Node-A.Example ").node().nodeName()).isEqualTo("node-a.example");
    assertThat(agent().node().nodeName()).matches("[^A-Z]+");
  }

  @Test
  void nobodyAnsweringHasItsOwnStatus() {
    for (List<String> command :
        List.of(
            List.of("status"),
            List.of("status", "--wait-synced", "0"),
            List.of("services"),
            List.of("flows"),
            List.of("drops"))) {
      List<String> args = new ArrayList<>(command);
      args.addAll(List.of("--run-dir", dir.toString()));
      Result result = run(args);
      assertThat(result.code()).as(command.toString()).isEqualTo(ExitCode.NO_AGENT);
      assertThat(result.err())
          .startsWith("millrace: no agent answers on " + dir.resolve("admin.sock"));
    }
  }

  @Test
  void negativeTimesAreRefused() {
    Result result = run(List.of("status", "--wait-synced", "-1", "--run-dir", dir.toString()));
    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err()).contains("--wait-synced must not be negative").contains("--help");
  }

  private AgentConfig agent(String... flags) {
    List<String> args = new ArrayList<>(List.of(flags));
    args.add("--manifests");
    args.add(dir.toString());
    return parsed(args.toArray(String[]::new));
  }

  private static AgentConfig parsed(String... args) {
    AgentCommand command = new AgentCommand();
    new CommandLine(command).parseArgs(args);
    return command.config();
  }

  private String refused(String flag) {
    List<String> args = new ArrayList<>(List.of("agent", flag));
    if (!flag.startsWith("--manifests")) {
      args.add("--manifests=" + dir);
    }
    Result result = run(args);
    assertThat(result.code()).as(flag).isEqualTo(ExitCode.USAGE);
    assertThat(result.err()).startsWith("millrace: ").endsWith("see `millrace agent --help`\n");
    return result.err();
  }

  private record Result(int code, String err) {}

  private static Result run(List<String> args) {
    StringWriter err = new StringWriter();
    int code =
        Millrace.commandLine()
            .setErr(new PrintWriter(err, true))
            .execute(args.toArray(String[]::new));
    return new Result(code, err.toString());
  }
}
