// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import io.millrace.admin.AdminClient;
import io.millrace.admin.AdminException;
import io.millrace.admin.proto.Drops;
import io.millrace.admin.proto.DropsRequest;
import io.millrace.admin.proto.Request;
import java.io.IOException;
import java.io.PrintStream;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace drops}. */
@Command(
    name = "drops",
    description = {
      "Counts what was dropped and why, and what else happened to packets, since the tables were made.",
    },
    mixinStandardHelpOptions = true)
final class DropsCommand implements Callable<Integer> {
  @Mixin RunDirOption runDir = new RunDirOption();
  @Mixin OutputOption output = new OutputOption();

  @Option(names = "--all", description = "Also reasons and counters that are zero.")
  boolean all;

  @Override
  public Integer call() throws IOException, AdminException {
    Request request = Request.newBuilder().setDrops(DropsRequest.getDefaultInstance()).build();
    Drops[] drops = {Drops.getDefaultInstance()};
    try (AdminClient client = runDir.connect()) {
      client.call(request, response -> drops[0] = response.getDrops());
    }
    PrintStream out = System.out;
    if (output.json()) {
      JsonOutput.print(drops[0], out);
    } else {
      DropsView.print(drops[0], all, out);
    }
    out.flush();
    return ExitCode.OK;
  }
}
