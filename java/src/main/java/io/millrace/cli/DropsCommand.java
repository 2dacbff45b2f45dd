// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import io.millrace.admin.AdminClient;
import io.millrace.admin.AdminException;
import io.millrace.admin.proto.Drops;
import io.millrace.admin.proto.DropsRequest;
import io.millrace.admin.proto.Event;
import io.millrace.admin.proto.EventsPage;
import io.millrace.admin.proto.EventsRequest;
import io.millrace.admin.proto.Request;
import java.io.IOException;
import java.io.PrintStream;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code millrace drops}. */
@Command(
    name = "drops",
    description = {
      "Counts what was dropped and why, and what else happened to packets, since the tables were made.",
      "With --follow or --recent: which packets, and by which rule of which policy.",
    },
    mixinStandardHelpOptions = true)
final class DropsCommand implements Callable<Integer> {
  private static final int WAIT_MS = 10_000;

  @Spec CommandSpec spec = CommandSpec.create();
  @Mixin RunDirOption runDir = new RunDirOption();
  @Mixin OutputOption output = new OutputOption();

  @Option(names = "--all", description = "Also reasons and counters that are zero.")
  boolean all;

  @Option(
      names = {"-f", "--follow"},
      description = "Shows packets as they are dropped, until it is interrupted.")
  boolean follow;

  @Option(
      names = "--recent",
      description = "Shows the last packets that were dropped; with --follow, these first.")
  boolean recent;

  @Option(names = "--allowed", description = "Also connections that are let through.")
  boolean allowed;

  @Option(
      names = "--pod",
      paramLabel = "[NAMESPACE/]NAME",
      description = "Only packets from or to this pod.")
  String pod = "";

  @Override
  public Integer call() throws IOException, AdminException {
    if (follow || recent) {
      return events();
    }
    if (allowed || !pod.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "--allowed and --pod go with --follow or --recent");
    }
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

  /** Asks again and again: each answer says from where to go on. */
  private int events() throws IOException, AdminException {
    PrintStream out = System.out;
    EventsRequest.Builder request =
        EventsRequest.newBuilder().setAllowed(allowed).setPod(pod).setAfter(recent ? 0 : -1);
    try (AdminClient client = runDir.connect()) {
      do {
        EventsPage[] page = {EventsPage.getDefaultInstance()};
        client.call(
            Request.newBuilder().setEvents(request).build(),
            response -> page[0] = response.getEvents());
        for (Event event : page[0].getEventsList()) {
          if (output.json()) {
            EventsView.printJson(event, out);
          } else {
            EventsView.print(event, out);
          }
        }
        out.flush();
        request.setAfter(page[0].getNext()).setWaitMs(WAIT_MS);
      } while (follow && !out.checkError());
    }
    return ExitCode.OK;
  }
}
