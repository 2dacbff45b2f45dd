// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import io.millrace.admin.proto.Trace;
import io.millrace.admin.proto.TraceCandidate;
import io.millrace.admin.proto.TraceHook;
import io.millrace.admin.proto.TraceVerdict;
import io.millrace.admin.proto.TracedPacket;
import io.millrace.admin.proto.TracedService;
import java.io.PrintStream;
import java.util.List;

/** {@code millrace trace} as text: a line for each step. */
final class TraceView {
  private final Trace trace;
  private final PrintStream out;

  private TraceView(Trace trace, PrintStream out) {
    this.trace = trace;
    this.out = out;
  }

  static void print(Trace trace, PrintStream out) {
    new TraceView(trace, out).print();
  }

  private void print() {
    line("packet", packet(trace.getPacket()));
    line("from", trace.getFrom());
    line("to", trace.getTo());
    for (TraceHook hook : trace.getHooksList()) {
      line("meets", hook.getProgram() + " on " + hook.getDevice());
    }
    flow();
    if (trace.hasService()) {
      service(trace.getService());
    } else if (!trace.hasFlow()) {
      line("service", "none");
    }
    verdict("egress", trace.hasEgress(), trace.getEgress());
    verdict("ingress", trace.hasIngress(), trace.getIngress());
    end();
    trace.getNotesList().forEach(note -> line("note", note));
  }

  private void flow() {
    if (!trace.hasFlow()) {
      line("flow", "none yet: this packet would open one");
      return;
    }
    String service = trace.getFlow().getService();
    line(
        "flow",
        "there is one, "
            + trace.getFlow().getState()
            + (service.isEmpty() ? "" : ", through " + service)
            + (trace.getFlow().getFlagsList().isEmpty()
                ? ""
                : " (" + String.join(",", trace.getFlow().getFlagsList()) + ")"));
  }

  private void service(TracedService service) {
    String name = service.getName().isEmpty() ? "no port of this address" : service.getName();
    line(
        "service",
        name
            + " at "
            + service.getFrontend()
            + ", traffic policy "
            + service.getTrafficPolicy()
            + ", choice "
            + service.getChoice()
            + (service.getAffinityS() == 0 ? "" : ", affinity " + service.getAffinityS() + " s")
            + (service.getSourceRanges() ? ", for source ranges only" : ""));
    candidates(service.getCandidatesList());
  }

  private void candidates(List<TraceCandidate> candidates) {
    if (candidates.isEmpty()) {
      return;
    }
    Table table = new Table("  ENDPOINT", "POD", "HERE", "CANDIDATE", "CHOSEN");
    for (TraceCandidate one : candidates) {
      table.row(
          "  "
              + (one.getAddress().isEmpty()
                  ? "backend " + one.getBackendId()
                  : Units.socket(one.getAddress(), one.getPort())),
          one.getPod(),
          one.getLocal() ? "yes" : "no",
          one.getCandidate() ? "yes" : "no",
          one.getChosen() ? "this time, by " + one.getChosenBy() : "");
    }
    table.print(out);
  }

  private void verdict(String direction, boolean known, TraceVerdict verdict) {
    if (!known) {
      return;
    }
    String rule =
        verdict.getPolicy().isEmpty()
            ? ""
            : " by " + verdict.getPolicy() + " rule " + verdict.getRule();
    String policies =
        verdict.getPolicy().isEmpty() && verdict.getPoliciesCount() > 0
            ? " (" + String.join(", ", verdict.getPoliciesList()) + ")"
            : "";
    line(
        direction,
        verdict.getVerdict()
            + rule
            + ": "
            + verdict.getText()
            + policies
            + ", of "
            + verdict.getPod());
  }

  private void end() {
    if (trace.getOutcome() != Trace.Outcome.DELIVERED) {
      boolean told = trace.getOutcome() == Trace.Outcome.REJECTED;
      line("ends", (told ? "rejected: " : "dropped: ") + trace.getReason());
      line("advice", trace.getAdvice());
      return;
    }
    boolean same = trace.getLeaves().equals(trace.getPacket());
    line("leaves", same ? "as it came" : packet(trace.getLeaves()) + port());
    line("way", way());
  }

  private String port() {
    return trace.getSourcePortChosen() ? ", from a free port of the range" : "";
  }

  private String way() {
    String device = trace.getDevice().isEmpty() ? "" : " by " + trace.getDevice();
    String hop =
        trace.getNextHop().isEmpty()
            ? ""
            : " to "
                + trace.getNextHop()
                + (trace.getNextHopMac().isEmpty() ? "" : " at " + trace.getNextHopMac());
    return switch (trace.getWay()) {
      case "pod" -> "straight into the pod" + device;
      case "host" -> "to a process of this host";
      case "wire" -> "out" + device + hop;
      default -> "this host's stack" + (leadsIntoPod() ? ", into the pod" : "") + device + hop;
    };
  }

  private boolean leadsIntoPod() {
    return trace.getHooksList().stream().anyMatch(hook -> hook.getProgram().startsWith("pod_out"));
  }

  private static String packet(TracedPacket packet) {
    return packet.getProtocol()
        + " "
        + end(packet.getSource(), packet.getSourcePort())
        + " -> "
        + end(packet.getDestination(), packet.getDestinationPort());
  }

  /** A port of 0: there is none, or it is not known. */
  private static String end(String address, int port) {
    return port == 0 ? address : Units.socket(address, port);
  }

  private void line(String title, String text) {
    out.printf("%-9s %s%n", title, text);
  }
}
