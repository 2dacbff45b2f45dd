// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.millrace.agent.Cleanup;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace cleanup}. */
@Command(
    name = "cleanup",
    description = {
      "Takes all programs off this node's devices and removes maps, pins, lock and socket.",
      "Refuses while an agent runs. Run it in the agent's network namespace. Doing it again does"
          + " nothing.",
    },
    mixinStandardHelpOptions = true)
final class CleanupCommand implements Callable<Integer> {
  @Mixin RunDirOption runDir = new RunDirOption();
  @Mixin OutputOption output = new OutputOption();

  @Option(
      names = "--bpffs",
      paramLabel = "DIR",
      defaultValue = "/sys/fs/bpf/millrace",
      description = "The agent's folder of pinned maps and links (default: ${DEFAULT-VALUE}).")
  Path bpffs = Path.of("/sys/fs/bpf/millrace");

  @Override
  public Integer call() throws IOException {
    List<String> removed =
        Cleanup.run(runDir.dir.toAbsolutePath().normalize(), bpffs.toAbsolutePath().normalize());
    PrintStream out = System.out;
    if (output.json()) {
      printJson(removed, out);
    } else if (removed.isEmpty()) {
      out.println("nothing to remove");
    } else {
      removed.forEach(what -> out.println("removed " + what));
    }
    out.flush();
    return ExitCode.OK;
  }

  private static void printJson(List<String> removed, PrintStream out) throws IOException {
    try (JsonOutput json = new JsonOutput(out)) {
      JsonGenerator generator = json.generator();
      generator.writeStartObject();
      generator.writeArrayFieldStart("removed");
      for (String what : removed) {
        generator.writeString(what);
      }
      generator.writeEndArray();
      generator.writeEndObject();
    }
  }
}
