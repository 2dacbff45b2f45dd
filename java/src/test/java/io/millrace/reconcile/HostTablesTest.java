// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.compile.NodeConfig;
import io.millrace.fake.FakeDataplane;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What this host has, while it comes and goes. */
final class HostTablesTest {
  private static final String WITHOUT_POD =
      "link 2 eth0 ethernet up default\naddress 2 192.0.2.1\nlink 5 veth5 veth peer\n";
  private static final String WITH_POD = WITHOUT_POD + "route 10.1.1.1 5";

  private final Node node = new Node(new FakeDataplane(), NodeConfig.automatic("n1"));

  private void host(String script) {
    node.put(List.of(HostScript.read(script.lines().toList())));
  }

  private MapStatus endpoints() {
    return node.reconciler.status().tables().stream()
        .filter(each -> each.map().equals("endpoints4"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void whatIsToGoIsPendingUntilItsGracePeriodIsOver() {
    host(WITH_POD);
    node.settle();
    int before = endpoints().actual();
    assertThat(endpoints().pending()).isZero();
    host(WITHOUT_POD);
    node.run();
    assertThat(endpoints().actual()).isEqualTo(before);
    assertThat(endpoints().pending()).isEqualTo(1);
    node.advance(3 * Node.SECOND_NS);
    assertThat(endpoints().actual()).isEqualTo(before - 1);
    assertThat(endpoints().pending()).isZero();
  }

  @Test
  void whatComesBackMeanwhileIsNotPending() {
    host(WITH_POD);
    node.settle();
    host(WITHOUT_POD);
    node.run();
    host(WITH_POD);
    node.run();
    assertThat(endpoints().pending()).isZero();
    long writes = endpoints().writes();
    node.advance(3 * Node.SECOND_NS);
    assertThat(endpoints().writes()).isEqualTo(writes);
  }
}
