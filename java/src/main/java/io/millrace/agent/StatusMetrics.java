// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import io.millrace.admin.proto.Device;
import io.millrace.admin.proto.FlowCollection;
import io.millrace.admin.proto.FormerMap;
import io.millrace.admin.proto.PolicyStatus;
import io.millrace.admin.proto.Source;
import io.millrace.admin.proto.Status;
import io.millrace.admin.proto.Table;
import io.millrace.agent.MetricList.Values;
import io.millrace.bpf.MapName;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What {@code millrace status} tells, as metrics. */
final class StatusMetrics {
  private static final Map<String, String> FLOW_FAMILIES =
      Map.of(MapName.FLOWS4.mapName(), "IPv4", MapName.FLOWS6.mapName(), "IPv6");

  private StatusMetrics() {}

  static void collect(Status status, MetricList out) {
    out.gauge(
        "millrace_build_info",
        "1; the labels say what runs",
        MetricList.values().add(1, "version", status.getVersion(), "abi", status.getAbiHash()));
    out.gauge(
        "millrace_synced",
        "1 if the kernel holds what all sources say",
        status.getState() == Status.State.SYNCED ? 1 : 0);
    tables(status, out);
    loop(status, out);
    devices(status, out);
    policy(status, out);
    upgrade(status, out);
    Values sources = MetricList.values();
    for (Source source : status.getSourcesList()) {
      sources.add(source.getSynced() ? 1 : 0, "source", source.getName());
    }
    out.gauge("millrace_source_synced", "1 once a source has told all it started with", sources);
    Values problems = MetricList.values();
    new TreeMap<>(
            status.getProblemsList().stream()
                .collect(Collectors.groupingBy(each -> each.getSource(), Collectors.counting())))
        .forEach((source, count) -> problems.add(count, "source", source));
    out.gauge(
        "millrace_problems", "What an operator has to mend; `millrace status` lists it", problems);
    out.gauge(
        "process_resident_memory_bytes", "Resident memory of the agent", status.getRssBytes());
  }

  private static void tables(Status status, MetricList out) {
    Values entries = MetricList.values();
    Values max = MetricList.values();
    Values pending = MetricList.values();
    Values writes = MetricList.values();
    Values flows = MetricList.values();
    Values pressure = MetricList.values();
    for (Table table : status.getTablesList()) {
      String map = table.getName();
      String family = FLOW_FAMILIES.get(map);
      entries.add(table.getEntries(), "map", map);
      max.add(table.getMaxEntries(), "map", map);
      if (family == null) {
        pending.add(table.getPending(), "map", map);
        writes.add(table.getWrites(), "map", map);
      } else {
        flows.add(table.getEntries(), "family", family);
        pressure.add(table.getPressure() ? 1 : 0, "family", family);
      }
    }
    out.gauge("millrace_map_entries", "Entries in force", entries);
    out.gauge("millrace_map_max_entries", "Entries that a map takes", max);
    out.gauge(
        "millrace_map_pending", "Entries that wait for a grace period or were refused", pending);
    out.counter("millrace_map_writes", "Entries written or deleted by this agent", writes);
    out.gauge("millrace_flows", "Halves of flows that the last collection kept", flows);
    out.gauge("millrace_flows_pressure", "1 if the table of flows fills up", pressure);
  }

  private static void loop(Status status, MetricList out) {
    out.counter(
        "millrace_rounds", "Rounds of compile and write", status.getControlLoop().getRounds());
    out.counter(
        "millrace_round_failures",
        "Rounds and upkeep that failed; all is tried again",
        status.getControlLoop().getFailures());
    out.counter(
        "millrace_drift_checks", "Comparisons with the kernel", status.getDrift().getChecks());
    out.counter(
        "millrace_drift_repaired",
        "Entries and attachments that somebody else had changed, and that were put right",
        status.getDrift().getRepaired());
    FlowCollection flows = status.getFlowCollection();
    out.counter("millrace_flow_collections", "Collections of the tables of flows", flows.getRuns());
    out.counter(
        "millrace_flows_expired", "Halves of flows removed as idle or ended", flows.getExpired());
    if (status.hasSockets()) {
      out.counter(
          "millrace_sockets_ended",
          "UDP sockets ended because their endpoint was removed",
          status.getSockets().getEnded());
      out.gauge(
          "millrace_pods_opted_out",
          "Pods whose sockets are left alone",
          status.getSockets().getPodsOptedOut());
    }
  }

  private static void policy(Status status, MetricList out) {
    if (!status.hasPolicy()) {
      return;
    }
    PolicyStatus policy = status.getPolicy();
    out.gauge("millrace_policy_enabled", "1 if policies are enforced", policy.getOn() ? 1 : 0);
    out.gauge(
        "millrace_policy_in_force",
        "1 if the last policies that are known are in force; 0: older ones are",
        policy.getInForce() ? 1 : 0);
    out.gauge(
        "millrace_policy_guarded",
        "1 if pods of this node whose policies are not known are closed",
        policy.getGuarded() ? 1 : 0);
    out.counter(
        "millrace_policy_generations",
        "How often policies or pods have come into force",
        policy.getGeneration());
    out.counter(
        "millrace_policy_refusals",
        "Changes that had no room, or that the kernel refused; all is tried again",
        policy.getRefusals());
    out.gauge("millrace_policy_addresses", "Addresses of this node's pods", policy.getAddresses());
    out.gauge(
        "millrace_policy_isolated",
        "Addresses of this node's pods that policies isolate",
        MetricList.values()
            .add(policy.getIsolatedIngress(), "direction", "ingress")
            .add(policy.getIsolatedEgress(), "direction", "egress"));
    out.gauge("millrace_policy_sets", "Different lists of rules", policy.getSets());
    out.gauge("millrace_policy_rules", "Rules of all sets", policy.getRules());
    out.gauge("millrace_policy_classes", "Classes of peers", policy.getClasses());
  }

  private static void upgrade(Status status, MetricList out) {
    Values entries = MetricList.values();
    for (FormerMap former : status.getFormerMapsList()) {
      entries.add(former.getCarried(), "map", former.getMap(), "outcome", "carried");
      entries.add(former.getDropped(), "map", former.getMap(), "outcome", "dropped");
    }
    out.gauge(
        "millrace_upgrade_entries",
        "Entries of maps of an earlier version that this agent found when it started",
        entries);
  }

  private static void devices(Status status, MetricList out) {
    Map<String, long[]> byRole = new TreeMap<>();
    for (Device device : status.getDevicesList()) {
      long[] counts = byRole.computeIfAbsent(device.getRole(), role -> new long[2]);
      counts[0]++;
      counts[1] += device.getAttached() ? 1 : 0;
    }
    Values all = MetricList.values();
    Values attached = MetricList.values();
    byRole.forEach(
        (role, counts) -> {
          all.add(counts[0], "role", role);
          attached.add(counts[1], "role", role);
        });
    out.gauge("millrace_devices", "Devices that should have programs", all);
    out.gauge("millrace_devices_attached", "Devices on which all programs stand", attached);
  }
}
