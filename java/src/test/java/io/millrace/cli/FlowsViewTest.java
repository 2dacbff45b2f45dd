// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import static io.millrace.cli.Printed.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.admin.proto.Flow;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What {@code millrace flows} prints, letter by letter. */
class FlowsViewTest {
  @Test
  void flowsAsTableAndAsJson() {
    Flow flow =
        Flow.newBuilder()
            .setProtocol("tcp")
            .setSource("fd01::5")
            .setSourcePort(4000)
            .setDestination("fd00::10")
            .setDestinationPort(80)
            .setTranslatedSource("fd01::5")
            .setTranslatedSourcePort(4000)
            .setTranslatedDestination("fd01::6")
            .setTranslatedDestinationPort(8080)
            .setState("established")
            .setService("default/web:http")
            .setIdleS(3)
            .build();
    assertThat(text(out -> FlowsView.print(List.of(flow), true, out)))
        .isEqualTo(
            """
            PROTOCOL  SOURCE          DESTINATION    LEAVES AS       TO              STATE        IDLE  SERVICE           FLAGS
            tcp       [fd01::5]:4000  [fd00::10]:80  [fd01::5]:4000  [fd01::6]:8080  established  3 s   default/web:http  -
            the first 1 only: narrow it down, or raise --limit
            """);
    assertThat(text(out -> FlowsView.printJson(List.of(flow), false, out)))
        .startsWith("{\n  \"flows\" : [ {\n    \"protocol\" : \"tcp\",\n")
        .endsWith("\"idle_s\" : 3\n  } ],\n  \"more\" : false\n}\n");
    assertThat(text(out -> FlowsView.print(List.of(), false, out))).isEqualTo("no flows\n");
  }
}
