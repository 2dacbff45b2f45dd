// SPDX-License-Identifier: Apache-2.0
package io.millrace.takeover;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * kube-proxy's tables of nftables.
 *
 * <p>The kernel translates established connections as long as any chain of type nat is there, and
 * tracks them as long as any rule asks about them. So while some are carried a table of ours that
 * does nothing else takes the place of kube-proxy's.
 */
final class NftLeftovers {
  static final String CARRIER = "millrace-carried";

  private NftLeftovers() {}

  static Plan find(Host host, boolean carried) throws IOException {
    if (!host.has("nft")) {
      return new Plan(
          List.of(), List.of(), List.of("not looked at: nftables, as nft is not installed"));
    }
    Host.Outcome listed = host.run(List.of("nft", "list", "tables"), "");
    if (listed.status() != 0) {
      throw new IOException("nft list tables failed: " + listed.error().strip());
    }
    Set<String> tables =
        listed
            .output()
            .lines()
            .map(String::strip)
            .filter(line -> line.startsWith("table "))
            .map(line -> line.substring("table ".length()))
            .collect(Collectors.toSet());
    return of(tables, "ip", carried).and(of(tables, "ip6", carried));
  }

  private static Plan of(Set<String> tables, String family, boolean carried) {
    String theirs = family + " kube-proxy";
    String carrier = family + " " + CARRIER;
    List<String> text = new ArrayList<>();
    List<String> kept = new ArrayList<>();
    StringBuilder script = new StringBuilder();
    if (carried && (tables.contains(theirs) || tables.contains(carrier))) {
      kept.add(
          "nftables: the table "
              + carrier
              + ", for whose sake the kernel goes on translating what is carried");
    }
    if (tables.contains(theirs)) {
      if (carried) {
        script.append("add table " + carrier + "\n");
        script.append(
            "add chain " + carrier + " postrouting { type nat hook postrouting priority 100 ; }\n");
        script.append("add rule " + carrier + " postrouting ct state established counter\n");
      }
      script.append("delete table " + theirs + "\n");
      text.add("nftables: the table " + theirs);
    }
    if (!carried && tables.contains(carrier)) {
      script.append("delete table " + carrier + "\n");
      text.add("nftables: the table " + carrier + ", as nothing is carried any more");
    }
    if (text.isEmpty()) {
      return new Plan(List.of(), kept, List.of());
    }
    return new Plan(
        List.of(new Plan.Step(text, List.of("nft", "-f", "-"), script.toString())),
        kept,
        List.of());
  }
}
