// SPDX-License-Identifier: Apache-2.0
package io.millrace.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.admin.AdminException;
import io.millrace.admin.proto.TraceRequest;
import io.millrace.model.Ip;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** From names to packets and hooks. */
final class TracePlannerTest {
  private final TracePlanner planner = new TracePlanner(new SmallWorld(), new Random(1));

  private static TraceRequest.Builder tcp(String from, String to) {
    return TraceRequest.newBuilder().setFrom(from).setTo(to).setPort(80);
  }

  private TracePlan plan(String from, String to) throws AdminException {
    return planner.plan(tcp(from, to).build());
  }

  private void refuses(TraceRequest.Builder request, String message) {
    assertThatThrownBy(() -> planner.plan(request.build()))
        .isInstanceOf(AdminException.class)
        .hasMessageContaining(message);
  }

  @Test
  void aPodSendsByItsVeth() throws AdminException {
    TracePlan plan = plan("default/a", "default/web");
    assertThat(plan.program()).isEqualTo("pod_in4");
    assertThat(plan.ifindex()).isEqualTo(SmallWorld.VETH_A);
    assertThat(plan.from().name()).isEqualTo("pod default/a");
    assertThat(plan.to().name()).isEqualTo("service default/web");
    assertThat(plan.packet().destination()).isEqualTo(Ip.parse("10.96.0.1"));
    assertThat(plan.packet().sourcePort()).isBetween(32768, 60999);
  }

  @Test
  void theFamilyIsThatOfBothEnds() throws AdminException {
    assertThat(planner.plan(tcp("default/a", "default/web").setIpv6(true).build()).program())
        .isEqualTo("pod_in6");
    assertThat(plan("default/a", "fd00:96::1").program()).isEqualTo("pod_in6");
    assertThat(planner.plan(tcp("default/b", "default/web").setIpv6(true).build()).program())
        .isEqualTo("pod_in4");
    refuses(tcp("default/b", "fd00:96::1"), "have no family in common");
  }

  @Test
  void othersSendByTheUplinkAndThisHostFromWithin() throws AdminException {
    TracePlan outside = plan("198.51.100.7", "192.0.2.1");
    assertThat(outside.program()).isEqualTo("uplink_in4");
    assertThat(outside.ifindex()).isEqualTo(SmallWorld.ETH0);
    assertThat(outside.ingressIfindex()).isEqualTo(SmallWorld.ETH0);
    assertThat(outside.from().name()).isEqualTo("outside");
    assertThat(outside.to().name()).isEqualTo("this host");

    TracePlan toPod = plan("192.0.2.1", "default/a");
    assertThat(toPod.program()).isEqualTo("pod_out4");
    assertThat(toPod.ifindex()).isEqualTo(SmallWorld.VETH_A);
    assertThat(toPod.ingressIfindex()).isZero();

    TracePlan toService = plan("192.0.2.1", "default/web");
    assertThat(toService.program()).isEqualTo("uplink_out4");
    assertThat(toService.ifindex()).isEqualTo(SmallWorld.ETH0);
  }

  @Test
  void mistakesNameTheFlag() {
    refuses(tcp("", "default/web"), "--from is missing");
    refuses(tcp("web", "default/web"), "--from web is neither an address nor NAMESPACE/NAME");
    refuses(tcp("default/nobody", "default/web"), "--from: no pod default/nobody is known");
    refuses(tcp("default/web", "default/a"), "--from: no pod default/web is known");
    refuses(tcp("default/starting", "default/a"), "pod default/starting has no address");
    refuses(tcp("default/a", "default/headless"), "Service default/headless has no ClusterIP");
    refuses(tcp("default/a", "default/b"), "say pod/default/b or svc/default/b");
    refuses(tcp("default/a", "127.0.0.1"), "--to 127.0.0.1 is no address");
    refuses(tcp("default/a", "default/web").setPort(0), "--port is not between 1 and 65535: 0");
    refuses(tcp("default/a", "default/web").setPort(70_000), "--port");
    refuses(tcp("default/a", "default/web").setSourcePort(-1), "--source-port");
    refuses(tcp("default/a", "default/web").setProtocol("gre"), "--protocol gre is none of");
    refuses(tcp("default/a", "default/web").setProtocol("icmp"), "--port has no meaning");
  }

  @Test
  void whatIsCalledTheSameIsToldApart() throws AdminException {
    assertThat(plan("default/a", "svc/default/b").packet().destination())
        .isEqualTo(Ip.parse("10.96.0.2"));
    assertThat(plan("pod/default/a", "pod/default/b").packet().destination())
        .isEqualTo(Ip.parse("10.1.1.2"));
  }

  @Test
  void packetsAreThoseOfTheirProtocol() {
    Ip source = Ip.parse("10.1.1.1");
    Ip destination = Ip.parse("10.96.0.1");
    assertThat(hex(new MadePacket(source, destination, MadePacket.TCP, 0x1234, 80)))
        .isEqualTo(
            "0000000000000000000000000800"
                + "450000280000000040060000"
                + "0a010101"
                + "0a600001"
                + "12340050000000010000000050" // data offset
                + "02ffffffff0000"); // SYN
    assertThat(hex(new MadePacket(source, destination, MadePacket.UDP, 0x1234, 53)))
        .endsWith("123400350008ffff");
    assertThat(hex(new MadePacket(source, destination, MadePacket.SCTP, 0x1234, 80)))
        .contains("1234005000000000" + "00000000" + "01000014");
    assertThat(hex(new MadePacket(source, destination, MadePacket.ICMP, 0x1234, 0)))
        .endsWith("0800ffff12340000");
    assertThat(
            hex(
                new MadePacket(
                    Ip.parse("fd00::1"), Ip.parse("fd00::2"), MadePacket.ICMPV6, 0x1234, 0)))
        .isEqualTo(
            "00000000000000000000000086dd"
                + "6000000000083a40"
                + "fd000000000000000000000000000001"
                + "fd000000000000000000000000000002"
                + "8000ffff12340000");
  }

  @Test
  void everyPacketFitsIntoABatch() {
    Ip source = Ip.parse("fd00::1");
    for (int protocol :
        new int[] {MadePacket.TCP, MadePacket.UDP, MadePacket.SCTP, MadePacket.ICMPV6}) {
      MadePacket packet = new MadePacket(source, source, protocol, 1, 1);
      assertThat(packet.frame().length).isLessThanOrEqualTo(MadePacket.FRAME_SIZE);
    }
  }

  private static String hex(MadePacket packet) {
    return HexFormat.of().formatHex(ByteBuffer.wrap(packet.frame()).array());
  }
}
