// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import io.millrace.admin.proto.Flow;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;

/** {@code millrace flows} as text and as JSON. */
final class FlowsView {
  private FlowsView() {}

  static void print(List<Flow> flows, boolean more, PrintStream out) {
    if (flows.isEmpty()) {
      out.println("no flows");
      return;
    }
    Table table =
        new Table(
            "PROTOCOL",
            "SOURCE",
            "DESTINATION",
            "LEAVES AS",
            "TO",
            "STATE",
            "IDLE",
            "SERVICE",
            "FLAGS");
    for (Flow flow : flows) {
      table.row(
          flow.getProtocol(),
          Units.socket(flow.getSource(), flow.getSourcePort()),
          Units.socket(flow.getDestination(), flow.getDestinationPort()),
          Units.socket(flow.getTranslatedSource(), flow.getTranslatedSourcePort()),
          Units.socket(flow.getTranslatedDestination(), flow.getTranslatedDestinationPort()),
          flow.getState(),
          flow.getIdleS() + " s",
          flow.getService(),
          String.join(",", flow.getFlagsList()));
    }
    table.print(out);
    if (more) {
      out.println(
          "the first " + Units.count(flows.size()) + " only: narrow it down, or raise --limit");
    }
  }

  static void printJson(List<Flow> flows, boolean more, PrintStream out) throws IOException {
    try (JsonOutput json = new JsonOutput(out)) {
      json.startList("flows");
      for (Flow flow : flows) {
        json.message(flow);
      }
      json.endList("more", more);
    }
  }
}
