// SPDX-License-Identifier: Apache-2.0
package io.millrace.takeover;

import java.io.IOException;
import java.util.List;

/** kube-proxy's chains in iptables: of nf_tables and of before, for IPv4 and IPv6. */
final class IptablesLeftovers {
  private IptablesLeftovers() {}

  static Plan find(Host host, boolean carried) throws IOException {
    Plan plan = Plan.NOTHING;
    for (String command : List.of("iptables", "ip6tables")) {
      boolean legacy = isLegacyInUse(host, command);
      boolean named = host.has(command + "-nft-save") || host.has(command + "-legacy-save");
      if (!named && !host.has(command + "-save")) {
        plan = plan.and(note("not looked at: rules of " + command + ", as it is not installed"));
        continue;
      }
      if (!named) {
        plan = plan.and(of(host, command, carried));
        continue;
      }
      if (host.has(command + "-nft-save")) {
        plan = plan.and(of(host, command + "-nft", carried));
      }
      if (legacy && host.has(command + "-legacy-save")) {
        plan = plan.and(of(host, command + "-legacy", carried));
      } else if (legacy) {
        plan =
            plan.and(
                note(
                    "not looked at: the legacy tables of "
                        + command
                        + ", which are in use; "
                        + command
                        + "-legacy is not installed"));
      }
    }
    return plan;
  }

  /** To ask the command would load what it asks. */
  private static boolean isLegacyInUse(Host host, String command) {
    String names = command.equals("iptables") ? "ip_tables_names" : "ip6_tables_names";
    return !host.read("/proc/net/" + names).isBlank();
  }

  private static Plan note(String text) {
    return new Plan(List.of(), List.of(), List.of(text));
  }

  private static Plan of(Host host, String command, boolean carried) throws IOException {
    Host.Outcome saved = host.run(List.of(command + "-save"), "");
    if (saved.status() != 0) {
      throw new IOException(command + "-save failed: " + saved.error().strip());
    }
    Plan plan = Plan.NOTHING;
    for (IptablesTable table : IptablesTable.parse(saved.output())) {
      IptablesRemoval removal = new IptablesRemoval(table, carried);
      String where = command + " " + table.name();
      if (!removal.isEmpty()) {
        plan =
            plan.and(
                new Plan(
                    List.of(
                        new Plan.Step(
                            removal.text(where),
                            List.of(command + "-restore", "--noflush", "--wait"),
                            removal.script())),
                    List.of(),
                    List.of()));
      }
      plan =
          plan.and(
              new Plan(
                  List.of(),
                  removal.reasons().stream().map(why -> where + ": " + why).toList(),
                  List.of()));
    }
    return plan;
  }
}
