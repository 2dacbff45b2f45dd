// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import io.millrace.admin.proto.Event;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Instant;

/** What became of packets, a line each, or a JSON object each. */
final class EventsView {
  private EventsView() {}

  static void print(Event event, PrintStream out) {
    StringBuilder line = new StringBuilder();
    line.append(Instant.ofEpochMilli(event.getUnixMs())).append(' ').append(event.getVerdict());
    if (!event.getDirection().isEmpty()) {
      line.append(' ').append(event.getDirection());
    }
    line.append(' ').append(event.getProtocol()).append(' ');
    line.append(side(event.getClient(), event.getClientPort(), event.getClientPod()));
    line.append(" -> ");
    line.append(side(event.getServer(), event.getServerPort(), event.getServerPod()));
    if (!event.getService().isEmpty()) {
      line.append(" by service ")
          .append(event.getService())
          .append(" at ")
          .append(Units.socket(event.getFrontend(), event.getFrontendPort()));
    }
    out.println(line.append(": ").append(why(event)));
  }

  private static String side(String address, int port, String pod) {
    String socket = port == 0 ? address : Units.socket(address, port);
    return pod.isEmpty() ? socket : pod + " (" + socket + ")";
  }

  private static String why(Event event) {
    if (!event.getPolicy().isEmpty()) {
      String text = event.getRuleText().isEmpty() ? "" : " (" + event.getRuleText() + ")";
      return event.getPolicy() + " rule " + event.getRule() + text;
    }
    if (event.getIsolatedByCount() > 0) {
      return "no rule of " + String.join(", ", event.getIsolatedByList());
    }
    return event.getReason().isEmpty() ? "no policy isolates the pod" : event.getReason();
  }

  /** On one line, so that it can be followed. */
  static void printJson(Event event, PrintStream out) throws IOException {
    JsonOutput.printLine(event, out);
  }
}
