// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.bpf.Attachment;
import io.millrace.bpf.Errno;
import io.millrace.bpf.Role;
import io.millrace.bpf.XdpState;
import io.millrace.bpf.XdpUse;
import io.millrace.compile.NodeTables;
import io.millrace.fake.FakeDataplane;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class XdpAttachmentsTest {
  private static final int ETH0 = 2;
  private static final int ETH1 = 3;
  private static final int TRUNK = 8;
  private static final int VLAN = 9;
  private static final NodeTables.Xdp BELOW =
      NodeTables.Xdp.here(Set.of(XdpUse.TAGS, XdpUse.TRUNK));
  private static final NodeTables.Xdp WANTED = NodeTables.Xdp.here(Set.of());

  private final FakeDataplane kernel = new FakeDataplane();
  private final List<String> lines = new ArrayList<>();
  private XdpAttachments xdp = new XdpAttachments(kernel, lines::add);
  private int errno;

  @BeforeEach
  void twoUplinks() {
    kernel.attach(ETH0, Role.UPLINK);
    kernel.attach(ETH1, Role.UPLINK);
    kernel.faults(what -> what.equals("xdp") ? errno : 0);
  }

  @Test
  void itStandsWhereItIsWanted() {
    xdp.submit(tables(Map.of(ETH0, WANTED, ETH1, NodeTables.Xdp.off("a veth"))));
    write();
    assertThat(standing()).containsExactly(ETH0);
    assertThat(xdp.describe(ETH0)).isEqualTo("native");
    assertThat(xdp.describe(ETH1)).isEqualTo("off: a veth");
    assertThat(xdp.describe(77)).isEmpty();
    assertThat(lines)
        .containsExactly(
            "XDP is native on device eth0", "XDP is off and tc does all on device eth1: a veth");
  }

  @Test
  void itWaitsForTc() {
    xdp.submit(tables(Map.of(ETH0, WANTED)));
    xdp.attach(ifindex -> false);
    assertThat(standing()).isEmpty();
    assertThat(xdp.describe(ETH0)).isEqualTo("off: not attached yet");
    xdp.attach(ifindex -> true);
    assertThat(standing()).containsExactly(ETH0);
  }

  @Test
  void aRefusalIsLoggedOnceHoweverOftenItIsTried() {
    errno = Errno.EOPNOTSUPP;
    xdp.submit(tables(Map.of(ETH0, WANTED)));
    for (int i = 0; i < 3; i++) {
      write();
      assertThat(audit()).isZero();
    }
    assertThat(lines).containsExactly("XDP is off and tc does all on device eth0: errno 95");
    assertThat(xdp.describe(ETH0)).isEqualTo("off: errno 95");

    errno = Errno.EBUSY;
    audit();
    write();
    assertThat(lines).hasSize(2).last().asString().endsWith("eth0: errno 16");

    errno = 0;
    audit();
    write();
    assertThat(lines).hasSize(3).last().isEqualTo("XDP is native on device eth0");
    assertThat(xdp.describe(ETH0)).isEqualTo("native");
  }

  @Test
  void aRefusalIsTriedAgainAtTheNextAuditAndNotBefore() {
    errno = Errno.EBUSY;
    xdp.submit(tables(Map.of(ETH0, WANTED)));
    write();
    errno = 0;
    write();
    assertThat(standing()).isEmpty();
    audit();
    write();
    assertThat(standing()).containsExactly(ETH0);
  }

  @Test
  void aDeviceThatGoesIsNoNews() {
    errno = Errno.ENODEV;
    xdp.submit(tables(Map.of(ETH0, WANTED)));
    write();
    assertThat(lines).isEmpty();
  }

  @Test
  void anEarlierRunsProgramIsReplacedOrTakenOff() {
    kernel.setXdp(ETH0, XdpState.OTHER);
    kernel.setXdp(ETH1, XdpState.OTHER);
    xdp.load(kernel.attachments());
    xdp.submit(tables(Map.of(ETH0, WANTED, ETH1, NodeTables.Xdp.off("--xdp off"))));
    write();
    assertThat(kernel.attachments())
        .extracting(Attachment::xdp)
        .containsExactly(XdpState.CURRENT, XdpState.NONE);
  }

  @Test
  void aDeviceThatIsNoUplinkAnyMoreLosesIt() {
    xdp.submit(tables(Map.of(ETH0, WANTED, ETH1, WANTED)));
    write();
    xdp.submit(tables(Map.of(ETH1, WANTED)));
    write();
    assertThat(standing()).containsExactly(ETH1);
    assertThat(xdp.describe(ETH0)).isEmpty();
  }

  @Test
  void whatCannotBeTakenOffIsSaidAndTriedAgain() {
    xdp.submit(tables(Map.of(ETH0, WANTED)));
    write();
    errno = Errno.EPERM;
    xdp.submit(tables(Map.of(ETH0, NodeTables.Xdp.off("--xdp off"))));
    write();
    assertThat(xdp.describe(ETH0)).isEqualTo("native: it cannot be taken off");
    assertThat(lines).last().asString().startsWith("XDP stays on device eth0: detach XDP");
    errno = 0;
    audit();
    write();
    assertThat(standing()).isEmpty();
    assertThat(xdp.describe(ETH0)).isEqualTo("off: --xdp off");
  }

  @Test
  void anAuditCountsAndMendsWhatWasLost() {
    xdp.submit(tables(Map.of(ETH0, WANTED, ETH1, WANTED)));
    write();
    kernel.setXdp(ETH1, XdpState.NONE);
    assertThat(audit()).isEqualTo(1);
    write();
    assertThat(standing()).containsExactly(ETH0, ETH1);
    assertThat(audit()).isZero();
    assertThat(lines).hasSize(2);
  }

  @Test
  void aVlanIsServedByTheDeviceBelow() {
    xdp.submit(tables(Map.of(VLAN, NodeTables.Xdp.on(TRUNK), TRUNK, BELOW)));
    xdp.attach(ifindex -> ifindex != VLAN);
    assertThat(standing()).isEmpty();
    assertThat(xdp.describe(VLAN)).isEqualTo("off: bond0: not attached yet");
    xdp.attach(ifindex -> ifindex == VLAN);
    assertThat(standing()).containsExactly(TRUNK);
    assertThat(xdp.describe(VLAN)).isEqualTo("native on bond0");
    assertThat(lines).containsExactly("XDP is native on device bond0");

    xdp.submit(tables(Map.of(VLAN, NodeTables.Xdp.off("--xdp off"))));
    write();
    assertThat(standing()).isEmpty();
    assertThat(xdp.describe(VLAN)).isEqualTo("off: --xdp off");
  }

  @Test
  void whatTheNicDoesWithTagsIsAskedAgain() {
    xdp.submit(tables(Map.of(VLAN, NodeTables.Xdp.on(TRUNK), TRUNK, BELOW)));
    write();
    errno = Errno.EOPNOTSUPP;
    write();
    assertThat(standing()).containsExactly(TRUNK);
    assertThat(audit()).isZero();
    write();
    assertThat(standing()).isEmpty();
    assertThat(xdp.describe(VLAN)).isEqualTo("off: bond0: errno 95");
  }

  @Test
  void aVlanThatComesHasTheDeviceBelowAskedAgain() {
    xdp.submit(tables(Map.of(ETH0, WANTED)));
    write();
    errno = Errno.EOPNOTSUPP;
    xdp.submit(tables(Map.of(ETH0, NodeTables.Xdp.here(Set.of(XdpUse.TAGS)))));
    write();
    assertThat(standing()).isEmpty();
  }

  private void write() {
    xdp.detach();
    xdp.attach(ifindex -> true);
  }

  private int audit() {
    return xdp.audit(kernel.attachments());
  }

  private List<Integer> standing() {
    return kernel.attachments().stream()
        .filter(each -> each.xdp() == XdpState.CURRENT)
        .map(Attachment::ifindex)
        .toList();
  }

  private static NodeTables tables(Map<Integer, NodeTables.Xdp> wishes) {
    Map<Integer, String> names =
        new HashMap<>(Map.of(ETH0, "eth0", ETH1, "eth1", TRUNK, "bond0", VLAN, "bond0.9"));
    return new NodeTables(
        Map.of(), Set.of(), Map.of(), Map.of(), wishes, Map.of(), names, Map.of(), Set.of(),
        List.of());
  }
}
