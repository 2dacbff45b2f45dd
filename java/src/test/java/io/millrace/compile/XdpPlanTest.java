// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.bpf.XdpUse;
import io.millrace.model.HostState;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class XdpPlanTest {
  private static final int ETH0 = 2;
  private static final int VLAN7 = 7;
  private static final int VLAN8 = 8;

  @Test
  void aVlanHasItsProgramOnTheDeviceBelow() {
    XdpPlan plan = plan(XdpMode.AUTO, List.of(link(ETH0, ""), vlan(VLAN7, ETH0, 70)), VLAN7);
    assertThat(plan.xdp())
        .isEqualTo(
            Map.of(
                ETH0, NodeTables.Xdp.here(Set.of(XdpUse.TAGS, XdpUse.TRUNK, XdpUse.AUTO)),
                VLAN7, NodeTables.Xdp.on(ETH0)));
    assertThat(plan.vlans())
        .isEqualTo(
            Map.of(
                new NodeTables.VlanKey(ETH0, 70), new NodeTables.Vlan(VLAN7, 70),
                new NodeTables.VlanKey(VLAN7, 0), new NodeTables.Vlan(ETH0, 70)));
  }

  @Test
  void anUplinkBelowAVlanThatIsNoneHasToKeepItsTagsAllTheSame() {
    XdpPlan plan = plan(XdpMode.AUTO, List.of(link(ETH0, ""), vlan(VLAN7, ETH0, 70)), ETH0);
    assertThat(plan.xdp())
        .isEqualTo(Map.of(ETH0, NodeTables.Xdp.here(Set.of(XdpUse.TAGS, XdpUse.AUTO))));
    assertThat(plan.vlans()).isEmpty();
  }

  @Test
  void anUplinkWithoutVlansNeedsNoTags() {
    XdpPlan plan = plan(XdpMode.NATIVE, List.of(link(ETH0, "")), ETH0);
    assertThat(plan.xdp()).isEqualTo(Map.of(ETH0, NodeTables.Xdp.here(Set.of())));
  }

  @Test
  void whereNobodyHasAskedForItTheDeviceHasASay() {
    XdpPlan plan = plan(XdpMode.AUTO, List.of(link(ETH0, "")), ETH0);
    assertThat(plan.xdp()).isEqualTo(Map.of(ETH0, NodeTables.Xdp.here(Set.of(XdpUse.AUTO))));
  }

  @ParameterizedTest
  @CsvSource({
    "AUTO,   veth, 70, 'dev2 is a veth'",
    "NATIVE, veth, 70, ''",
    "NATIVE, '',   0,  'a VLAN of 802.1ad'",
    "NATIVE, vxlan, 70, 'dev2 is an overlay device'",
    "OFF,    '',   70, '--xdp off'",
  })
  void theDeviceBelowDecides(XdpMode mode, String kind, int vid, String obstacle) {
    XdpPlan plan = plan(mode, List.of(link(ETH0, kind), vlan(VLAN7, ETH0, vid)), VLAN7);
    if (obstacle.isEmpty()) {
      assertThat(plan.xdp()).containsEntry(VLAN7, NodeTables.Xdp.on(ETH0));
    } else {
      assertThat(plan.xdp()).containsOnlyKeys(VLAN7);
      assertThat(obstacle(plan, VLAN7)).startsWith(obstacle);
      assertThat(plan.vlans()).isEmpty();
    }
  }

  @Test
  void neitherVlansInVlansNorOfOtherNamespaces() {
    List<HostState.Link> links =
        List.of(link(ETH0, ""), vlan(VLAN7, ETH0, 70), vlan(VLAN8, VLAN7, 80));
    assertThat(obstacle(plan(XdpMode.AUTO, links, VLAN8), VLAN8))
        .isEqualTo("a VLAN within the VLAN dev7");
    assertThat(obstacle(plan(XdpMode.AUTO, List.of(vlan(VLAN7, 0, 70)), VLAN7), VLAN7))
        .contains("another network namespace");
  }

  private static String obstacle(XdpPlan plan, int ifindex) {
    return plan.xdp().getOrDefault(ifindex, NodeTables.Xdp.here(Set.of())).obstacle();
  }

  private static XdpPlan plan(XdpMode mode, List<HostState.Link> links, int uplink) {
    HostState host = new HostState(links, List.of(), List.of(), Set.of(uplink));
    List<HostState.Link> uplinks = links.stream().filter(link -> link.ifindex() == uplink).toList();
    return new XdpPlan(mode, host, new DeviceRoles(uplinks, List.of()));
  }

  private static HostState.Link link(int ifindex, String kind) {
    return new HostState.Link(ifindex, "dev" + ifindex, kind, true, 1, true, 0, false);
  }

  private static HostState.Link vlan(int ifindex, int parent, int vid) {
    return new HostState.Link(
        ifindex, "dev" + ifindex, "vlan", true, 1, true, 0, false, parent, vid);
  }
}
