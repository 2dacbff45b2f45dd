// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import io.millrace.admin.proto.AdoptedFlows;
import io.millrace.admin.proto.ControlLoop;
import io.millrace.admin.proto.Device;
import io.millrace.admin.proto.Drift;
import io.millrace.admin.proto.Features;
import io.millrace.admin.proto.FlowCollection;
import io.millrace.admin.proto.FormerMap;
import io.millrace.admin.proto.PolicyStatus;
import io.millrace.admin.proto.Problem;
import io.millrace.admin.proto.SocketStatus;
import io.millrace.admin.proto.Source;
import io.millrace.admin.proto.Status;
import java.io.PrintStream;
import java.time.Instant;
import java.util.List;

/** {@code millrace status} as text. */
final class StatusView {
  private final Status status;
  private final PrintStream out;

  private StatusView(Status status, PrintStream out) {
    this.status = status;
    this.out = out;
  }

  static void print(Status status, PrintStream out) {
    StatusView view = new StatusView(status, out);
    view.head();
    view.sources();
    view.devices();
    view.tables();
    view.upkeep();
    view.sockets();
    view.policy();
    view.upgrade();
    view.problems();
  }

  private void head() {
    line("state", state());
    line("node", status.getNode());
    line(
        "agent",
        status.getVersion()
            + ", abi "
            + status.getAbiHash()
            + ", pid "
            + status.getPid()
            + ", up "
            + Units.duration(status.getUptimeMs())
            + ", "
            + Units.bytes(status.getRssBytes())
            + " resident");
    line("serving", serving());
    Features features = status.getFeatures();
    line(
        "kernel",
        features.getKernel()
            + ", attach: "
            + (features.getTcx() ? "tcx" : "clsact")
            + ", xdp: "
            + features.getXdp()
            + ", socket-lb: "
            + features.getSocketLb()
            + ", host-routing: "
            + features.getHostRouting());
    line(
        "writes",
        Units.count(status.getEntriesWritten(), "map entry", "map entries")
            + " written since start");
    ControlLoop loop = status.getControlLoop();
    line(
        "loop",
        Units.count(loop.getRounds(), "round", "rounds")
            + ", last: "
            + Units.count(loop.getLastLatencyUs())
            + " us from change to kernel (compile "
            + Units.count(loop.getLastCompileUs())
            + ", apply "
            + Units.count(loop.getLastApplyUs())
            + "), "
            + Units.count(loop.getFailures(), "failure", "failures"));
  }

  private String state() {
    String waitingFor = String.join(", ", status.getWaitingForList());
    return switch (status.getState()) {
      case SYNCED -> "synced (after " + Units.duration(status.getSyncedAfterMs()) + ")";
      case WAITING -> "waiting for " + waitingFor;
      case APPLYING -> "applying" + (waitingFor.isEmpty() ? "" : ", last failure: " + waitingFor);
      default -> "unknown";
    };
  }

  private String serving() {
    AdoptedFlows adopted = status.getAdopted();
    long left = adopted.getTcp() + adopted.getUdp();
    String others = status.getOthersCarry() ? "; connections of before have just ended" : "";
    if (left > 0) {
      others =
          "; "
              + Units.count(left, "connection of before is", "connections of before are")
              + " still translated by somebody else";
    }
    return switch (status.getServing()) {
      case SERVES -> "yes" + others;
      case STARTS -> "not yet, programs are being put in place";
      case HANDED_BACK -> "no: handed back, new connections are left to others";
      default -> "unknown";
    };
  }

  private void sources() {
    out.println();
    Table table = new Table("SOURCE", "STATE", "FOLLOWS");
    for (Source source : status.getSourcesList()) {
      table.row(source.getName(), source.getSynced() ? "synced" : "waiting", source.getDetail());
    }
    table.print(out);
  }

  private void devices() {
    out.println();
    Table table = new Table("DEVICE", "IFINDEX", "ROLE", "TC", "STATE", "PROGRAMS", "XDP");
    for (Device device : status.getDevicesList()) {
      table.row(
          device.getName(),
          device.getIfindex(),
          device.getRole(),
          device.getTc(),
          device.getAttached() ? "attached" : "not attached: " + device.getError(),
          String.join(" ", device.getProgramsList()),
          device.getXdp());
    }
    if (table.isEmpty()) {
      out.println("no devices: neither an uplink nor a pod interface was found");
    } else {
      table.print(out);
    }
  }

  private void tables() {
    out.println();
    Table table = new Table("TABLE", "ENTRIES", "MAX", "USED", "WRITES", "PENDING");
    for (io.millrace.admin.proto.Table t : status.getTablesList()) {
      table.row(
          t.getName(),
          Units.count(t.getEntries()),
          Units.count(t.getMaxEntries()),
          used(t),
          Units.count(t.getWrites()),
          Units.count(t.getPending()));
    }
    table.print(out);
  }

  private static String used(io.millrace.admin.proto.Table t) {
    if (t.getMaxEntries() == 0) {
      return "";
    }
    return t.getEntries() * 100 / t.getMaxEntries() + (t.getPressure() ? " %, pressure" : " %");
  }

  private void upkeep() {
    out.println();
    Drift drift = status.getDrift();
    line(
        "drift",
        Units.count(drift.getRepaired())
            + " repaired in "
            + Units.count(drift.getChecks(), "check", "checks")
            + (drift.getLastCheckUnixMs() == 0
                ? ""
                : ", last " + Instant.ofEpochMilli(drift.getLastCheckUnixMs())));
    FlowCollection gc = status.getFlowCollection();
    line(
        "flows",
        Units.count(gc.getLive())
            + " live, "
            + Units.count(gc.getExpired())
            + " expired, "
            + Units.count(gc.getOrphans())
            + " orphans, in "
            + Units.count(gc.getRuns(), "collection", "collections")
            + "; last took "
            + Units.count(gc.getDurationUs())
            + " us"
            + (gc.getLastFailure().isEmpty() ? "" : ", now failing: " + gc.getLastFailure()));
  }

  private void sockets() {
    if (!status.hasSockets()) {
      return;
    }
    SocketStatus sockets = status.getSockets();
    int notFound = sockets.getPodsNotFoundCount();
    line(
        "sockets",
        Units.count(sockets.getEnded())
            + " ended with their endpoint by "
            + (sockets.getByProgram() ? "program" : "netlink")
            + ", in "
            + Units.count(sockets.getRuns(), "walk", "walks")
            + " through "
            + Units.count(sockets.getNamespaces(), "namespace", "namespaces")
            + (sockets.getNamespacesFailed() == 0
                ? ""
                : " (" + Units.count(sockets.getNamespacesFailed()) + " failed)")
            + "; last took "
            + Units.count(sockets.getLastUs())
            + " us; "
            + Units.count(sockets.getPodsOptedOut(), "pod", "pods")
            + " opted out"
            + (notFound == 0
                ? ""
                : ", not found: " + String.join(" ", sockets.getPodsNotFoundList())));
  }

  private void policy() {
    if (!status.hasPolicy()) {
      return;
    }
    PolicyStatus policy = status.getPolicy();
    if (!policy.getOn()) {
      line("policy", "off");
      return;
    }
    line(
        "policy",
        (policy.getInForce() ? "in force" : "an older state is in force")
            + ", generation "
            + Units.count(policy.getGeneration())
            + ", last after "
            + Units.count(policy.getLastUs())
            + " us; of "
            + Units.count(policy.getAddresses(), "pod address", "pod addresses")
            + " isolated: "
            + Units.count(policy.getIsolatedIngress())
            + " ingress, "
            + Units.count(policy.getIsolatedEgress())
            + " egress; "
            + Units.count(policy.getSets(), "set", "sets")
            + ", "
            + Units.count(policy.getRules(), "rule", "rules")
            + ", "
            + Units.count(policy.getClasses(), "class", "classes")
            + (policy.getGuarded() ? "; unknown pods are closed" : "")
            + (policy.getRefusals() == 0
                ? ""
                : "; " + Units.count(policy.getRefusals(), "refusal", "refusals")));
  }

  private void upgrade() {
    for (FormerMap former : status.getFormerMapsList()) {
      line(
          "upgrade",
          former.getMap()
              + " of version "
              + former.getFromVersion()
              + " to "
              + former.getToVersion()
              + ": "
              + fate(former));
    }
  }

  private static String fate(FormerMap former) {
    return switch (former.getFate()) {
      case CARRIED ->
          Units.count(former.getCarried(), "entry", "entries")
              + " carried over, "
              + Units.count(former.getDropped())
              + " dropped";
      case LOST -> Units.count(former.getDropped(), "entry", "entries") + " lost";
      case REWRITTEN -> "written again";
      default -> "begun anew";
    };
  }

  private void problems() {
    if (status.getProblemsCount() == 0) {
      line("problems", "none");
      return;
    }
    line("problems", Units.count(status.getProblemsCount() + status.getProblemsOmitted()));
    for (Problem problem : status.getProblemsList()) {
      out.println("  " + where(problem) + ": " + problem.getReason());
    }
    if (status.getProblemsOmitted() > 0) {
      out.println("  … and " + Units.count(status.getProblemsOmitted()) + " more");
    }
  }

  private static String where(Problem problem) {
    StringBuilder where = new StringBuilder(problem.getSource());
    if (!problem.getFile().isEmpty()) {
      where.append(", ").append(problem.getFile());
    }
    if (problem.getDocument() != 0) {
      where.append(" document ").append(problem.getDocument());
    }
    for (String part : List.of(problem.getObject(), problem.getField())) {
      if (!part.isEmpty()) {
        where.append(", ").append(part);
      }
    }
    return where.toString();
  }

  private void line(String label, String text) {
    out.println(label + ":" + " ".repeat(Math.max(1, 9 - label.length())) + text);
  }
}
