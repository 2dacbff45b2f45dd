// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.admin.proto.Flow;
import io.millrace.admin.proto.Response;
import io.millrace.bpf.BatchResult;
import io.millrace.bpf.BpfMap;
import io.millrace.bpf.abi.Flow4;
import io.millrace.bpf.abi.Flow4Key;
import io.millrace.bpf.abi.Flow6;
import io.millrace.bpf.abi.Flow6Key;
import io.millrace.bpf.abi.FlowFlag;
import io.millrace.bpf.abi.FlowState;
import io.millrace.model.Ip;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FlowScanTest {
  private static final long NOW_NS = 1000L << 30;

  private final Entries flows4 = new Entries();
  private final Entries flows6 = new Entries();

  @Test
  void aFlowOfEachFamilyIsToldInFull() {
    add4("10.1.0.5", 4000, "10.96.0.10", 80, "10.1.0.6", 8080, 17, FlowFlag.FLOW_LOCAL);
    add6("fd01::5", "fd00::10", "fd01::6", 18);
    List<Flow> flows = scan(filter(null, null, null, false, 10));
    assertThat(flows).hasSize(2);
    assertThat(flows.get(0))
        .isEqualTo(
            Flow.newBuilder()
                .setProtocol("tcp")
                .setSource("10.1.0.5")
                .setSourcePort(4000)
                .setDestination("10.96.0.10")
                .setDestinationPort(80)
                .setTranslatedSource("10.1.0.5")
                .setTranslatedSourcePort(4000)
                .setTranslatedDestination("10.1.0.6")
                .setTranslatedDestinationPort(8080)
                .setState("established")
                .addFlags("local")
                .setService("svc-17")
                .setBackendId(3)
                .setIdleS(10)
                .build());
    assertThat(flows.get(1).getProtocol()).isEqualTo("udp");
    assertThat(flows.get(1).getDestination()).isEqualTo("fd00::10");
    assertThat(flows.get(1).getTranslatedDestination()).isEqualTo("fd01::6");
    assertThat(flows.get(1).getFlagsList()).containsExactly("snat");
  }

  @Test
  void replyHalvesOnlyIfAsked() {
    add4("10.1.0.6", 8080, "10.1.0.5", 4000, "10.1.0.5", 4000, 17, FlowFlag.FLOW_REPLY);
    assertThat(scan(filter(null, null, null, false, 10))).isEmpty();
    assertThat(scan(filter(null, null, null, true, 10))).hasSize(1);
  }

  @Test
  void filtersAreJoined() {
    add4("10.1.0.5", 4000, "10.96.0.10", 80, "10.1.0.6", 8080, 17, 0);
    add4("10.1.0.7", 4000, "10.96.0.10", 80, "10.1.0.8", 8080, 17, 0);
    add4("10.1.0.5", 4001, "10.96.0.11", 80, "10.1.0.6", 8080, 18, 0);
    assertThat(scan(filter(Set.of(Ip.parse("10.1.0.5")), null, null, false, 10))).hasSize(2);
    assertThat(scan(filter(null, Set.of(17), null, false, 10))).hasSize(2);
    assertThat(scan(filter(Set.of(Ip.parse("10.1.0.5")), Set.of(17), null, false, 10))).hasSize(1);
    assertThat(scan(filter(null, null, Ip.parse("10.1.0.8"), false, 10))).hasSize(1);
    assertThat(scan(filter(null, null, Ip.parse("10.1.0.99"), false, 10))).isEmpty();
  }

  @Test
  void theLimitEndsTheWalkAndIsSaid() {
    for (int port = 1; port <= 1500; port++) {
      add4("10.1.0.5", port, "10.96.0.10", 80, "10.1.0.6", 8080, 17, 0);
    }
    List<Response> pages = pages(filter(null, null, null, false, 1200));
    assertThat(pages).extracting(p -> p.getFlows().getFlowsCount()).containsExactly(500, 500, 200);
    assertThat(pages).extracting(p -> p.getFlows().getMore()).containsExactly(false, false, true);
    assertThat(flows4.shown).isEqualTo(1201);

    List<Response> exact = pages(filter(null, null, null, false, 1500));
    assertThat(exact).extracting(p -> p.getFlows().getMore()).containsOnly(false);
  }

  @Test
  void protocolsHaveTheirNames() {
    for (int protocol : new int[] {1, 6, 17, 58, 132, 200}) {
      add4("10.1.0.5", protocol, "10.96.0.10", 80, "10.1.0.6", 8080, 17, 0);
      Flow4Key.proto(flows4.entries.get(flows4.entries.size() - 1)[0], 0, protocol);
    }
    assertThat(scan(filter(null, null, null, false, 10)))
        .extracting(Flow::getProtocol)
        .containsExactly("icmp", "tcp", "udp", "icmpv6", "sctp", "200");
  }

  @Test
  void noFlowsAreOneEmptyPage() {
    assertThat(pages(filter(null, null, null, false, 10))).hasSize(1);
  }

  private static FlowFilter filter(
      @Nullable Set<Ip> pod,
      @Nullable Set<Integer> services,
      @Nullable Ip address,
      boolean replies,
      int limit) {
    return new FlowFilter(pod, services, address, replies, limit);
  }

  private List<Flow> scan(FlowFilter filter) {
    List<Flow> flows = new ArrayList<>();
    pages(filter).forEach(page -> flows.addAll(page.getFlows().getFlowsList()));
    return flows;
  }

  private List<Response> pages(FlowFilter filter) {
    flows4.shown = 0;
    return new FlowScan(filter, id -> "svc-" + id, NOW_NS).scan(flows4, flows6);
  }

  private void add4(
      String source,
      int sourcePort,
      String destination,
      int port,
      String to,
      int toPort,
      int service,
      int flags) {
    ByteBuffer key = buffer(Flow4Key.SIZE);
    Flow4Key.saddr(key, 0, Ip.parse(source).v4());
    Flow4Key.daddr(key, 0, Ip.parse(destination).v4());
    Flow4Key.sport(key, 0, sourcePort);
    Flow4Key.dport(key, 0, port);
    Flow4Key.proto(key, 0, 6);
    ByteBuffer value = buffer(Flow4.SIZE);
    Flow4.saddr(value, 0, Ip.parse(source).v4());
    Flow4.daddr(value, 0, Ip.parse(to).v4());
    Flow4.sport(value, 0, sourcePort);
    Flow4.dport(value, 0, toPort);
    Flow4.state(value, 0, FlowState.FLOW_STATE_ESTABLISHED);
    Flow4.flags(value, 0, flags);
    Flow4.svc(value, 0, service);
    Flow4.backend(value, 0, 3);
    Flow4.seen(value, 0, 990);
    flows4.entries.add(new ByteBuffer[] {key, value});
  }

  private void add6(String source, String destination, String to, int service) {
    ByteBuffer key = buffer(Flow6Key.SIZE);
    Flow6Key.saddr(key, 0, Ip.parse(source).toBytes());
    Flow6Key.daddr(key, 0, Ip.parse(destination).toBytes());
    Flow6Key.proto(key, 0, 17);
    ByteBuffer value = buffer(Flow6.SIZE);
    Flow6.saddr(value, 0, Ip.parse(source).toBytes());
    Flow6.daddr(value, 0, Ip.parse(to).toBytes());
    Flow6.state(value, 0, FlowState.FLOW_STATE_NEW);
    Flow6.flags(value, 0, FlowFlag.FLOW_SNAT);
    Flow6.svc(value, 0, service);
    Flow6.seen(value, 0, 1000);
    flows6.entries.add(new ByteBuffer[] {key, value});
  }

  private static ByteBuffer buffer(int size) {
    return ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
  }

  private static final class Entries implements BpfMap {
    final List<ByteBuffer[]> entries = new ArrayList<>();
    int shown;

    @Override
    public void forEach(EntryVisitor visitor) {
      for (ByteBuffer[] entry : entries) {
        shown++;
        visitor.entry(entry[0], entry[1]);
      }
    }

    @Override
    public String name() {
      return "flows";
    }

    @Override
    public int keySize() {
      return 0;
    }

    @Override
    public int valueSize() {
      return 0;
    }

    @Override
    public int maxEntries() {
      return 0;
    }

    @Override
    public BatchResult update(ByteBuffer keys, ByteBuffer values, int count) {
      throw new UnsupportedOperationException();
    }

    @Override
    public BatchResult delete(ByteBuffer keys, int count) {
      throw new UnsupportedOperationException();
    }
  }
}
