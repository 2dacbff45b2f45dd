// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.compile.NodeConfig;
import io.millrace.compile.NodePortAddresses;
import io.millrace.compile.XdpMode;
import io.millrace.fake.FakeDataplane;
import io.millrace.model.Cidr;
import io.millrace.model.ObjectKey;
import io.millrace.model.Problem;
import io.millrace.source.manifest.Manifests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Scripts under {@code resources/cases}: manifests in, map dumps out. Every {@code --} line is a
 * step, the lines after it belong to it:
 *
 * <pre>
 *   -- config PRIMARY|CIDRS     before anything else: --node-port-addresses; sockets, no-external-ips
 *   -- host                     what netlink says, see {@link HostScript}
 *   -- apply                    manifests, new or changed
 *   -- remove KIND NS/NAME      an object is gone
 *   -- advance SECONDS          time passes
 *   -- restart                  the agent is killed and starts again
 *   -- expect [TABLES]          the lines of the dump that begin so; all if none is named
 *   -- writes N                 entries written since the last such step or (re)start
 *   -- problems                 what the compiler reports
 * </pre>
 */
final class CaseTest {
  private static final List<String> SWITCHES = List.of("sockets", "no-external-ips");

  private static final Path CASES = Path.of("java/src/test/resources/cases");

  @TestFactory
  Stream<DynamicTest> cases() throws IOException {
    try (Stream<Path> files = Files.list(CASES)) {
      List<Path> sorted = files.filter(each -> each.toString().endsWith(".case")).sorted().toList();
      assertThat(sorted).isNotEmpty();
      return sorted.stream()
          .map(
              file ->
                  DynamicTest.dynamicTest(
                      String.valueOf(file.getFileName()), () -> new Script(file).play()));
    }
  }

  private static final class Script {
    private final List<String> lines;
    private Node node = node(NodePortAddresses.ALL, true, false);
    private long writesBefore;
    private int at;

    Script(Path file) throws IOException {
      lines = Files.readAllLines(file);
    }

    private static Node node(NodePortAddresses addresses, boolean externalIps, boolean sockets) {
      return new Node(
          new FakeDataplane(),
          new NodeConfig(
              "n1",
              null,
              null,
              List.of(Cidr.parse("10.1.0.0/16")),
              addresses,
              externalIps,
              XdpMode.AUTO,
              sockets));
    }

    void play() {
      while (at < lines.size()) {
        String line = lines.get(at++);
        if (line.startsWith("-- ")) {
          int first = at;
          step(line.substring(3).strip().split(" +"), body(), first);
        }
      }
    }

    private List<String> body() {
      List<String> body = new ArrayList<>();
      while (at < lines.size() && !lines.get(at).startsWith("-- ")) {
        body.add(lines.get(at++));
      }
      return body;
    }

    private void step(String[] words, List<String> body, int line) {
      switch (words[0]) {
        case "config" -> {
          List<String> switches = List.of(words).subList(1, words.length);
          String addresses =
              switches.stream().filter(word -> !SWITCHES.contains(word)).findFirst().orElse("");
          node =
              node(
                  NodePortAddresses.parse(addresses),
                  !switches.contains("no-external-ips"),
                  switches.contains("sockets"));
        }
        case "host" -> node.put(List.of(HostScript.read(body)));
        case "apply" -> node.put(Manifests.parse(String.join("\n", body) + "\n"));
        case "remove" -> node.remove(key(words));
        case "advance" -> node.advance(Long.parseLong(words[1]) * Node.SECOND_NS);
        case "restart" -> {
          node.restart();
          writesBefore = node.kernel.writes();
        }
        case "expect" -> expect(words, body, line);
        case "writes" -> {
          node.run();
          assertThat(node.kernel.writes() - writesBefore)
              .as("writes, line %d", line)
              .isEqualTo(Long.parseLong(words[1]));
          writesBefore = node.kernel.writes();
        }
        case "problems" ->
            assertThat(
                    node.compiler.problems().stream()
                        .map(Problem::toString)
                        .collect(Collectors.joining("\n")))
                .as("problems, line %d", line)
                .isEqualTo(meant(body));
        default -> throw new IllegalArgumentException("line " + line + ": no step " + words[0]);
      }
    }

    private void expect(String[] words, List<String> body, int line) {
      node.run();
      KernelView view = node.view();
      view.checkReferences();
      List<String> tables = Arrays.asList(words).subList(1, words.length);
      String dump =
          view.dump().stream()
              .filter(
                  each ->
                      tables.isEmpty() || tables.stream().anyMatch(table -> each.startsWith(table)))
              .collect(Collectors.joining("\n"));
      assertThat(dump).as("dump, line %d", line).isEqualTo(meant(body));
    }

    private static String meant(List<String> body) {
      return body.stream()
          .map(String::strip)
          .filter(each -> !each.isEmpty() && !each.startsWith("#"))
          .collect(Collectors.joining("\n"));
    }

    private static ObjectKey key(String[] words) {
      String[] name = words[2].split("/", -1);
      ObjectKey.Kind kind =
          Arrays.stream(ObjectKey.Kind.values())
              .filter(each -> each.title().equals(words[1]))
              .findFirst()
              .orElseThrow();
      return name.length == 1
          ? new ObjectKey(kind, "", name[0])
          : new ObjectKey(kind, name[0], name[1]);
    }
  }
}
