// SPDX-License-Identifier: Apache-2.0
package io.millrace.takeover;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What kube-proxy leaves of IPVS: virtual services, the device that has their addresses, and sets.
 * IPVS itself carries the connections of before, so all of it stays while there are any.
 */
final class IpvsLeftovers {
  private static final String DEVICE = "kube-ipvs0";
  private static final Set<String> PROTOCOLS = Set.of("TCP", "UDP", "SCTP", "FWM");

  private IpvsLeftovers() {}

  static Plan find(Host host, boolean carried) throws IOException {
    List<Plan.Step> steps = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    long services = services(host.read("/proc/net/ip_vs"));
    if (services > 0 && host.has("ipvsadm")) {
      String text = "ipvs: all virtual services, " + services;
      steps.add(new Plan.Step(List.of(text), List.of("ipvsadm", "--clear"), ""));
    } else if (services > 0) {
      notes.add("not removed: " + services + " virtual services of IPVS; ipvsadm is not installed");
    }
    if (host.list("/sys/class/net").contains(DEVICE)) {
      List<String> command = List.of("ip", "link", "delete", DEVICE);
      steps.add(new Plan.Step(List.of("ipvs: the device " + DEVICE), command, ""));
    }
    for (String set : sets(host)) {
      List<String> command = List.of("ipset", "destroy", set);
      steps.add(new Plan.Step(List.of("ipvs: the set " + set), command, ""));
    }
    if (!carried) {
      return new Plan(steps, List.of(), notes);
    }
    List<String> kept = steps.stream().flatMap(step -> step.text().stream()).toList();
    return new Plan(
        List.of(),
        kept.stream().map(text -> text + ", which may carry connections").toList(),
        notes);
  }

  private static long services(String table) {
    return table.lines().filter(line -> PROTOCOLS.contains(line.split(" ", 2)[0])).count();
  }

  private static List<String> sets(Host host) throws IOException {
    if (!host.has("ipset")) {
      return List.of();
    }
    Host.Outcome listed = host.run(List.of("ipset", "list", "-name"), "");
    // No sets can be there where the kernel knows none.
    return listed.status() != 0
        ? List.of()
        : listed.output().lines().filter(name -> name.matches("KUBE-(6-)?[A-Z0-9-]+")).toList();
  }
}
