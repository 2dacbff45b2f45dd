// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import io.millrace.admin.proto.Counter;
import io.millrace.admin.proto.Drop;
import io.millrace.admin.proto.Drops;
import java.io.PrintStream;

/** {@code millrace drops} as text. */
final class DropsView {
  private DropsView() {}

  static void print(Drops drops, boolean all, PrintStream out) {
    Table reasons = new Table("REASON", "PACKETS", "BYTES");
    for (Drop drop : drops.getDropsList()) {
      if (all || drop.getPackets() != 0) {
        reasons.row(drop.getReason(), Units.count(drop.getPackets()), Units.count(drop.getBytes()));
      }
    }
    if (reasons.isEmpty()) {
      out.println("no packets dropped");
    } else {
      reasons.print(out);
    }
    out.println();
    Table counters = new Table("COUNTER", "VALUE");
    for (Counter counter : drops.getCountersList()) {
      if (all || counter.getValue() != 0) {
        counters.row(counter.getName(), Units.count(counter.getValue()));
      }
    }
    if (counters.isEmpty()) {
      out.println("no counter has moved");
    } else {
      counters.print(out);
    }
  }
}
