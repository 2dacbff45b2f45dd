// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import static io.millrace.cli.Printed.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.admin.proto.Counter;
import io.millrace.admin.proto.Drop;
import io.millrace.admin.proto.Drops;
import org.junit.jupiter.api.Test;

/** What {@code millrace drops} prints, letter by letter. */
class DropsViewTest {
  @Test
  void dropsLeaveOutZerosUnlessAsked() {
    Drops drops =
        Drops.newBuilder()
            .addDrops(Drop.newBuilder().setReason("fragment"))
            .addDrops(Drop.newBuilder().setReason("no_flow").setPackets(3000).setBytes(180_000))
            .addCounters(Counter.newBuilder().setName("translated").setValue(12))
            .build();
    assertThat(text(out -> DropsView.print(drops, false, out)))
        .isEqualTo(
            """
            REASON   PACKETS  BYTES
            no_flow  3,000    180,000

            COUNTER     VALUE
            translated  12
            """);
    assertThat(text(out -> DropsView.print(drops, true, out))).contains("fragment  0        0\n");
    assertThat(text(out -> DropsView.print(Drops.getDefaultInstance(), false, out)))
        .isEqualTo("no packets dropped\n\nno counter has moved\n");
  }
}
