// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.millrace.agent.BuildInfo;
import java.io.IOException;
import java.io.PrintStream;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code millrace version}. */
@Command(
    name = "version",
    description = "Prints the version of this distribution and the hash of its bpf/abi.h.",
    mixinStandardHelpOptions = true)
final class VersionCommand implements Callable<Integer> {
  /** Accepted, so that a script may pass it to every command; nothing is asked there. */
  @Mixin RunDirOption runDir = new RunDirOption();

  @Mixin OutputOption output = new OutputOption();

  @Override
  public Integer call() throws IOException {
    PrintStream out = System.out;
    if (output.json()) {
      printJson(out);
    } else {
      out.println("millrace " + BuildInfo.VERSION);
      out.println("abi " + BuildInfo.ABI_HASH);
    }
    out.flush();
    return ExitCode.OK;
  }

  private static void printJson(PrintStream out) throws IOException {
    try (JsonOutput json = new JsonOutput(out)) {
      JsonGenerator generator = json.generator();
      generator.writeStartObject();
      generator.writeStringField("version", BuildInfo.VERSION);
      generator.writeStringField("abi_hash", BuildInfo.ABI_HASH);
      generator.writeEndObject();
    }
  }
}
