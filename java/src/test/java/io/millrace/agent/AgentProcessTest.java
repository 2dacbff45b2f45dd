// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The distribution's own program, in a network namespace of its own. */
@Tag("kernel")
class AgentProcessTest {
  private static final Path HOME = Path.of(System.getProperty("millrace.home", "none"));
  private static final String NAMESPACE = "mr-agent-" + ProcessHandle.current().pid();

  @TempDir Path dir;
  private Path bpffs = Path.of("");
  private final List<Process> agents = new ArrayList<>();

  @BeforeEach
  void makeNode() throws Exception {
    assumeTrue(Files.isExecutable(HOME.resolve("bin/millrace")), "the distribution is built");
    assumeTrue(HostChecks.missing(Path.of("/")).isEmpty(), "this host can run the agent");
    bpffs = dir.resolve("bpffs");
    Files.createDirectory(dir.resolve("manifests"));
    Files.writeString(
        dir.resolve("manifests/web.yaml"),
        """
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: default}
        spec:
          clusterIP: 10.96.0.10
          clusterIPs: [10.96.0.10]
          ipFamilies: [IPv4]
          ports: [{name: http, protocol: TCP, port: 80}]
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata:
          name: web-1
          namespace: default
          labels: {kubernetes.io/service-name: web}
        addressType: IPv4
        ports: [{name: http, protocol: TCP, port: 8080}]
        endpoints:
          - addresses: [10.244.1.11]
            nodeName: n1
            conditions: {ready: true}
        """);
    run("ip", "netns", "add", NAMESPACE).expect(0);
    inNode("ip", "link", "set", "lo", "up").expect(0); // the metrics are served there
    inNode("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "out0").expect(0);
    inNode("ip", "addr", "add", "192.0.2.1/24", "dev", "eth0").expect(0);
    inNode("ip", "link", "set", "eth0", "up").expect(0);
    inNode("ip", "route", "add", "default", "dev", "eth0").expect(0);
  }

  @AfterEach
  void removeNode() throws Exception {
    for (Process agent : agents) {
      agent.destroyForcibly().waitFor();
    }
    if (Bpffs.isBpffs(bpffs)) {
      run("umount", bpffs.toString());
    }
    run("ip", "netns", "del", NAMESPACE);
  }

  @Test
  void lifeOfAnAgent() throws Exception {
    Process first = startAgent();
    JsonNode fresh = synced();
    assertThat(fresh.path("entries_written").asLong()).isPositive();
    assertThat(fresh.path("problems").size()).isZero();
    assertThat(fresh.path("devices").get(0).path("name").asText()).isEqualTo("eth0");
    assertThat(fresh.path("devices").get(0).path("attached").asBoolean()).isTrue();

    first.destroyForcibly().waitFor();
    Process second = startAgent();
    JsonNode adopted = synced();
    assertThat(adopted.path("pid").asLong()).isNotEqualTo(fresh.path("pid").asLong());
    assertThat(adopted.path("entries_written").asLong()).isZero();

    whatRunsCannotBeDisturbed(adopted.path("pid").asText());
    commandsAnswer();

    second.destroy();
    assertThat(second.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(second.exitValue()).isZero();
    assertThat(dir.resolve("run/admin.sock")).doesNotExist();
    assertThat(bpffs.resolve("maps/svcs4_v4")).exists();
    cleanupLeavesNothing();
  }

  private void whatRunsCannotBeDisturbed(String pid) throws Exception {
    Result twin = inNode(agentCommand(dir.resolve("run")));
    assertThat(twin.code()).isEqualTo(1);
    assertThat(twin.output()).contains("an agent is running with --run-dir").contains("pid " + pid);
    Result other = inNode(agentCommand(dir.resolve("run2")));
    assertThat(other.code()).isEqualTo(1);
    assertThat(other.output()).contains("an agent is running with --bpffs").contains("pid " + pid);
    Result cleanup = inNode(millrace("cleanup", "--bpffs", bpffs.toString()));
    assertThat(cleanup.code()).isEqualTo(1);
    assertThat(cleanup.output()).contains("pid " + pid);
  }

  private void commandsAnswer() throws Exception {
    assertThat(run(millrace("services", "default/web")).expect(0))
        .contains("10.96.0.10:80")
        .containsPattern("10\\.244\\.1\\.11:8080 +yes +yes +\\d+");
    assertThat(run(millrace("services", "nope")).expect(1)).contains("no service nope is in force");
    assertThat(run(millrace("flows", "--service", "web")).expect(0)).isEqualTo("no flows\n");
    assertThat(run(millrace("flows", "--limit", "1000000")).expect(1)).contains("between 1 and");
    assertThat(run(millrace("drops", "--all")).expect(0)).containsPattern("no_endpoint +0 +0");
  }

  private void cleanupLeavesNothing() throws Exception {
    String removed = inNode(millrace("cleanup", "--bpffs", bpffs.toString())).expect(0);
    assertThat(removed).contains("pinned maps").contains("agent.lock");
    assertThat(bpffs).doesNotExist();
    assertThat(dir.resolve("run")).doesNotExist();
    assertThat(inNode("tc", "qdisc", "show", "dev", "eth0").expect(0)).doesNotContain("clsact");
    String again = inNode(millrace("cleanup", "--bpffs", bpffs.toString())).expect(0);
    assertThat(again).isEqualTo("nothing to remove\n");
  }

  @Test
  void theDistributionWorksFromAnywhere() throws Exception {
    Path moved = dir.resolve("elsewhere");
    run("cp", "-r", HOME.toString(), moved.toString()).expect(0);
    Path link = Files.createSymbolicLink(dir.resolve("link"), moved.resolve("bin/millrace"));
    assertThat(run(link.toString(), "version").expect(0))
        .startsWith("millrace ")
        .contains("\nabi ");
  }

  private Process startAgent() throws IOException {
    List<String> command = new ArrayList<>(List.of("nsenter", "--net=/run/netns/" + NAMESPACE));
    command.addAll(List.of(agentCommand(dir.resolve("run"))));
    File log = dir.resolve("agent.log").toFile();
    Process agent =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
            .start();
    agents.add(agent);
    return agent;
  }

  private String[] agentCommand(Path runDir) {
    return new String[] {
      HOME.resolve("bin/millrace").toString(),
      "agent",
      "--node-name=n1",
      "--cgroup=none", // others run on this host
      "--manifests=" + dir.resolve("manifests"),
      "--bpffs=" + bpffs,
      "--run-dir=" + runDir
    };
  }

  private String[] millrace(String... args) {
    List<String> command = new ArrayList<>(List.of(HOME.resolve("bin/millrace").toString()));
    command.addAll(List.of(args));
    command.add("--run-dir=" + dir.resolve("run"));
    return command.toArray(String[]::new);
  }

  private JsonNode synced() throws Exception {
    Result status = run(millrace("status", "--wait-synced", "60", "-o", "json"));
    String log = Files.readString(dir.resolve("agent.log"));
    assertThat(status.code()).as(status.output() + log).isZero();
    JsonNode json = new ObjectMapper().readTree(status.output());
    assertThat(json.path("state").asText()).isEqualTo("SYNCED");
    return json;
  }

  private static Result inNode(String... command) throws Exception {
    List<String> all = new ArrayList<>(List.of("nsenter", "--net=/run/netns/" + NAMESPACE));
    all.addAll(List.of(command));
    return run(all.toArray(String[]::new));
  }

  private record Result(String command, int code, String output) {
    String expect(int expected) {
      assertThat(code).as(command + "\n" + output).isEqualTo(expected);
      return output;
    }
  }

  private static Result run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Result(String.join(" ", command), process.waitFor(), output);
  }
}
