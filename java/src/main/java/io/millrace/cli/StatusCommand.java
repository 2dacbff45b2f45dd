// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import io.millrace.admin.AdminClient;
import io.millrace.admin.AdminException;
import io.millrace.admin.NoAgentException;
import io.millrace.admin.proto.Request;
import io.millrace.admin.proto.Status;
import io.millrace.admin.proto.StatusRequest;
import java.io.IOException;
import java.io.PrintStream;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code millrace status}. */
@Command(
    name = "status",
    description =
        "Shows whether the kernel holds what the sources say, and what stands in the way.",
    mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {
  private static final long POLL_MS = 25;
  private static final Request REQUEST =
      Request.newBuilder().setStatus(StatusRequest.getDefaultInstance()).build();

  @Mixin RunDirOption runDir = new RunDirOption();
  @Mixin OutputOption output = new OutputOption();
  @Spec @Nullable CommandSpec spec;

  @Option(
      names = "--wait-synced",
      paramLabel = "SECONDS",
      description =
          "Waits until an agent answers and is synced, at most so long; exits with 4 if it is not"
              + " by then, 3 if no agent answers.")
  @Nullable Integer waitSyncedS;

  @Override
  public Integer call() throws IOException, AdminException, InterruptedException {
    Status status = waitSyncedS == null ? ask() : await(waitSyncedS);
    PrintStream out = System.out;
    if (output.json()) {
      JsonOutput.print(status, out);
    } else {
      StatusView.print(status, out);
    }
    out.flush();
    return waitSyncedS == null || synced(status) ? ExitCode.OK : ExitCode.NOT_SYNCED;
  }

  /** The first status that is synced, or the last one before the time was over. */
  private Status await(int seconds) throws IOException, AdminException, InterruptedException {
    if (seconds < 0 && spec != null) {
      throw new ParameterException(spec.commandLine(), "--wait-synced must not be negative");
    }
    long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (true) {
      boolean over = System.nanoTime() - deadlineNs >= 0;
      try {
        Status status = ask();
        if (over || synced(status)) {
          return status;
        }
      } catch (NoAgentException e) {
        if (over) {
          throw e;
        }
      }
      Thread.sleep(POLL_MS);
    }
  }

  private static boolean synced(Status status) {
    return status.getState() == Status.State.SYNCED;
  }

  private Status ask() throws IOException, AdminException {
    Status[] status = {Status.getDefaultInstance()};
    try (AdminClient client = runDir.connect()) {
      client.call(REQUEST, response -> status[0] = response.getStatus());
    }
    return status[0];
  }
}
