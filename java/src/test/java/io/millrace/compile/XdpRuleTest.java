// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.model.HostState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class XdpRuleTest {
  @ParameterizedTest
  @CsvSource({
    "AUTO,   '',     true",
    "AUTO,   bond,   true",
    "AUTO,   veth,   false",
    "AUTO,   vxlan,  false",
    "AUTO,   geneve, false",
    "NATIVE, '',     true",
    "NATIVE, veth,   true",
    "NATIVE, vxlan,  false",
    "NATIVE, ipip,   false",
    "OFF,    '',     false",
    "OFF,    veth,   false",
  })
  void whichUplinksAreToHaveIt(XdpMode mode, String kind, boolean wanted) {
    assertThat(XdpRule.obstacle(mode, uplink(kind)).isEmpty()).isEqualTo(wanted);
  }

  @Test
  void theReasonSaysWhatWouldChangeIt() {
    assertThat(XdpRule.obstacle(XdpMode.AUTO, uplink("veth"))).contains("--xdp native");
    assertThat(XdpRule.obstacle(XdpMode.NATIVE, uplink("vxlan"))).contains("vxlan");
    assertThat(XdpRule.obstacle(XdpMode.OFF, uplink("veth"))).isEqualTo("--xdp off");
  }

  private static HostState.Link uplink(String kind) {
    return new HostState.Link(2, "eth0", kind, true, 1, true, 0, false);
  }
}
