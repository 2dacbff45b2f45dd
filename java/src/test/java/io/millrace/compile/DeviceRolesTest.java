// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.model.Cidr;
import io.millrace.model.HostState;
import io.millrace.model.Ip;
import io.millrace.model.NodeState;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** By which devices no pod of this node can come that is not known yet. */
class DeviceRolesTest {
  private static final int UPLINK = 2;
  private static final int BRIDGE = 3;
  private static final int POD = 4;
  private static final int DEVICE = 5;
  private static final NodeState NODE =
      new NodeState(
          "a", List.of(), List.of(), List.of(Cidr.parse("10.1.0.0/24")), "", false, false);

  @Test
  void neitherUplinksNorPodsNorTheBridgesOfPods() {
    assertThat(others(link(DEVICE, "", 0), "192.0.2.1")).containsExactly(DEVICE);
  }

  /** A bridge comes before its first pod. */
  @Test
  void aBridgeWithAnAddressOfThePodsMayBeTheirs() {
    assertThat(others(link(DEVICE, "bridge", 0), "10.1.0.1")).isEmpty();
    assertThat(others(link(DEVICE, "bridge", 0), "172.17.0.1")).containsExactly(DEVICE);
  }

  /** As flannel.1 and tunl0 have one: what comes by them is of other nodes. */
  @ParameterizedTest
  @ValueSource(strings = {"vxlan", "geneve", "gre", "ipip", "sit", "wireguard"})
  void anOverlayWithOneLeadsToOtherNodes(String kind) {
    assertThat(others(link(DEVICE, kind, 0), "10.1.0.0")).containsExactly(DEVICE);
  }

  @Test
  void aBridgeThatTheyAreOnBelongsToThemWhicheverAddressItHas() {
    HostState.Link pod = link(POD, "veth", DEVICE);
    DeviceRoles roles = new DeviceRoles(List.of(), List.of(pod));
    HostState host = host(List.of(pod, link(DEVICE, "bridge", 0)), "192.0.2.1");
    assertThat(roles.others(host, NODE)).isEmpty();
  }

  /** Of a node with an uplink, a pod, its bridge, and one more device with this address. */
  private static Set<Integer> others(HostState.Link device, String address) {
    HostState.Link uplink = link(UPLINK, "", 0);
    HostState.Link pod = link(POD, "veth", BRIDGE);
    HostState host = host(List.of(uplink, link(BRIDGE, "bridge", 0), pod, device), address);
    return new DeviceRoles(List.of(uplink), List.of(pod)).others(host, NODE);
  }

  private static HostState host(List<HostState.Link> links, String address) {
    return new HostState(
        links,
        List.of(new HostState.Address(DEVICE, Ip.parse(address), 32, true)),
        List.of(),
        Set.of(UPLINK));
  }

  private static HostState.Link link(int ifindex, String kind, int master) {
    return new HostState.Link(
        ifindex, "dev" + ifindex, kind, true, ifindex, true, master, kind.equals("veth"));
  }
}
