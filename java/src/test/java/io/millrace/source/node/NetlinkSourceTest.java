// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.bpf.NetEvent;
import io.millrace.bpf.NetMonitor;
import io.millrace.model.HostState;
import io.millrace.model.Ip;
import io.millrace.model.Problem;
import io.millrace.source.Change;
import io.millrace.source.ObjectSink;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class NetlinkSourceTest {
  private static final int GLOBAL = 0;
  private static final int LINK_SCOPE = 253;

  private final Sink sink = new Sink();
  private final NetlinkSource source =
      new NetlinkSource(
          () -> {
            throw new AssertionError("not started");
          });

  @Test
  void nothingIsOfferedBeforeTheSnapshotIsComplete() {
    events(new NetEvent.SnapshotBegin(), veth(7, true));
    assertThat(sink.hosts).isEmpty();
    assertThat(sink.synced).isEmpty();
    events(new NetEvent.SnapshotEnd());
    assertThat(sink.last().links()).extracting(HostState.Link::ifindex).containsExactly(7);
    assertThat(sink.synced).containsExactly("node");
  }

  @Test
  void anEmptyHostIsSyncedToo() {
    snapshot();
    assertThat(sink.synced).containsExactly("node");
    assertThat(sink.hosts).containsExactly(HostState.EMPTY);
  }

  @Test
  void whatMakesNoDifferenceIsNotOffered() {
    snapshot(veth(7, true));
    events(veth(7, true));
    snapshot(veth(7, true));
    assertThat(sink.hosts).hasSize(1);
    assertThat(sink.synced).hasSize(1);
  }

  @Test
  void aNewSnapshotForgetsWhatItDoesNotName() {
    snapshot(veth(7, true), veth(9, true));
    snapshot(veth(9, true));
    assertThat(sink.last().links()).extracting(HostState.Link::ifindex).containsExactly(9);
  }

  @Test
  void aDeviceThatGoesTakesItsAddressesAndRoutesWithIt() {
    snapshot(eth(2), veth(7, true), address(7, "10.0.0.1", GLOBAL, 0), route("10.0.0.5", 32, 7, 0));
    events(new NetEvent.Link(7, "v", "veth", 1, new byte[6], true, 0, true, true));
    assertThat(sink.last().links()).extracting(HostState.Link::ifindex).containsExactly(2);
    assertThat(sink.last().addresses()).isEmpty();
    assertThat(sink.last().hostRoutes()).isEmpty();
  }

  @Test
  void aDeviceThatGoesDownLosesItsRoutesOnly() {
    snapshot(veth(7, true), address(7, "10.0.0.1", GLOBAL, 0), route("10.0.0.5", 32, 7, 0));
    events(veth(7, false));
    assertThat(sink.last().hostRoutes()).isEmpty();
    assertThat(sink.last().addresses()).hasSize(1);
    assertThat(sink.last().links().get(0).up()).isFalse();
  }

  @Test
  void onlyUsableGlobalAddressesAreGlobal() {
    snapshot(
        eth(2),
        address(2, "2001:db8::1", GLOBAL, 0),
        address(2, "2001:db8::2", GLOBAL, 0x40),
        address(2, "2001:db8::3", GLOBAL, 0x20),
        address(2, "2001:db8::4", GLOBAL, 0x08),
        address(2, "fe80::1", LINK_SCOPE, 0));
    assertThat(sink.last().addresses())
        .extracting(a -> a.ip() + " " + a.global())
        .containsExactly(
            "2001:db8::1 true",
            "2001:db8::2 false",
            "2001:db8::3 false",
            "2001:db8::4 false",
            "fe80::1 false");
  }

  @Test
  void anAddressThatBecomesUsableIsOfferedAgain() {
    snapshot(eth(2), address(2, "2001:db8::1", GLOBAL, 0x40));
    events(address(2, "2001:db8::1", GLOBAL, 0));
    assertThat(sink.hosts).hasSize(2);
    assertThat(sink.last().addresses().get(0).global()).isTrue();
  }

  @Test
  void routesToOneHostAreKeptAndOthersAreNot() {
    snapshot(
        eth(2),
        veth(7, true),
        route("10.0.0.5", 32, 7, 0),
        route("fd01::5", 128, 7, 1024),
        route("10.1.0.0", 16, 2, 0),
        gatewayRoute("10.0.0.6", 32, "192.0.2.1", 2));
    assertThat(sink.last().hostRoutes())
        .containsExactly(
            new HostState.HostRoute(Ip.parse("10.0.0.5"), 7),
            new HostState.HostRoute(Ip.parse("fd01::5"), 7));
  }

  @Test
  void theRouteOfTheLowestMetricWins() {
    snapshot(
        veth(7, true), veth(9, true), route("fd01::5", 128, 9, 2048), route("fd01::5", 128, 7, 1));
    assertThat(sink.last().hostRoutes())
        .containsExactly(new HostState.HostRoute(Ip.parse("fd01::5"), 7));
  }

  @Test
  void aReplacedDefaultRouteMovesToTheOtherDevice() {
    snapshot(eth(2), eth(3), gatewayRoute("0.0.0.0", 0, "192.0.2.1", 2));
    assertThat(sink.last().defaultRouteDevices()).containsExactly(2);
    events(gatewayRoute("0.0.0.0", 0, "198.51.100.1", 3));
    assertThat(sink.last().defaultRouteDevices()).containsExactly(3);
  }

  @Test
  void bothFamiliesMayHaveTheirDefaultRouteElsewhere() {
    snapshot(
        eth(2),
        eth(3),
        gatewayRoute("0.0.0.0", 0, "192.0.2.1", 2),
        gatewayRoute("::", 0, "fe80::1", 3));
    assertThat(sink.last().defaultRouteDevices()).containsExactlyInAnyOrder(2, 3);
    events(
        new NetEvent.Route(Ip.parse("::").toBytes(), 0, Ip.parse("fe80::1").toBytes(), 3, 0, true));
    assertThat(sink.last().defaultRouteDevices()).containsExactly(2);
  }

  @Test
  void whatTellsDevicesApartIsHandedOn() {
    snapshot(
        new NetEvent.Link(
            7, "veth1", "veth", 1, new byte[] {2, 0, 0, 0, 0, 5}, true, 4, true, false));
    assertThat(sink.last().links())
        .containsExactly(
            new HostState.Link(7, "veth1", "veth", true, 0x020000000005L, true, 4, true));
  }

  private static NetEvent veth(int ifindex, boolean up) {
    return new NetEvent.Link(ifindex, "veth" + ifindex, "veth", 1, new byte[6], up, 0, true, false);
  }

  private static NetEvent eth(int ifindex) {
    return new NetEvent.Link(ifindex, "eth" + ifindex, "", 1, new byte[6], true, 0, false, false);
  }

  private static NetEvent address(int ifindex, String ip, int scope, int flags) {
    return new NetEvent.Address(ifindex, Ip.parse(ip).toBytes(), 24, scope, flags, false);
  }

  private static NetEvent route(String to, int prefix, int ifindex, int metric) {
    return new NetEvent.Route(Ip.parse(to).toBytes(), prefix, new byte[0], ifindex, metric, false);
  }

  private static NetEvent gatewayRoute(String to, int prefix, String via, int ifindex) {
    return new NetEvent.Route(
        Ip.parse(to).toBytes(), prefix, Ip.parse(via).toBytes(), ifindex, 0, false);
  }

  private void snapshot(NetEvent... events) {
    List<NetEvent> all = new ArrayList<>();
    all.add(new NetEvent.SnapshotBegin());
    all.addAll(List.of(events));
    all.add(new NetEvent.SnapshotEnd());
    events(all.toArray(NetEvent[]::new));
  }

  private void events(NetEvent... events) {
    source.round(new Script(List.of(events)), 0, sink);
  }

  private record Script(List<NetEvent> events) implements NetMonitor {
    @Override
    public void poll(int timeoutMs, Consumer<NetEvent> to) {
      events.forEach(to);
    }

    @Override
    public void close() {}
  }

  private static final class Sink implements ObjectSink {
    final List<HostState> hosts = new ArrayList<>();
    final List<String> synced = new ArrayList<>();

    HostState last() {
      return hosts.get(hosts.size() - 1);
    }

    @Override
    public void offer(Change change) {
      hosts.add((HostState) change.object());
    }

    @Override
    public void synced(String source) {
      synced.add(source);
    }

    @Override
    public void problems(String source, List<Problem> problems) {}
  }
}
