// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.bpf.abi.WireEvent;
import io.millrace.bpf.abi.WireEventType;
import io.millrace.bpf.abi.WireRoute;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

final class NetlinkMonitorTest {
  @Test
  @Tag("kernel")
  void theSnapshotHasTheLoopbackDevice() {
    List<NetEvent> events = new ArrayList<>();
    try (NetlinkMonitor monitor = NetlinkMonitor.open()) {
      while (events.stream().noneMatch(NetEvent.SnapshotEnd.class::isInstance)) {
        monitor.poll(10_000, events::add);
      }
    }
    assertThat(events.get(0)).isInstanceOf(NetEvent.SnapshotBegin.class);
    assertThat(events)
        .filteredOn(NetEvent.Link.class::isInstance)
        .extracting(NetEvent.Link.class::cast)
        .anySatisfy(
            link -> {
              assertThat(link.name()).isEqualTo("lo");
              assertThat(link.ifindex()).isEqualTo(1);
              assertThat(link.arphrd()).isEqualTo(772);
              assertThat(link.mac()).hasSize(6);
              assertThat(link.gone()).isFalse();
            });
  }

  @Test
  void aRouteIsDecodedFieldByField() {
    ByteBuffer buf = Calls.direct(WireRoute.SIZE);
    WireEvent.type(buf, 0, WireEventType.WIRE_EVENT_ROUTE);
    WireEvent.size(buf, 0, WireRoute.SIZE);
    WireEvent.gone(buf, 0, 1);
    WireRoute.ifindex(buf, 0, 5);
    WireRoute.metric(buf, 0, 77);
    WireRoute.prefixLen(buf, 0, 24);
    WireRoute.ipLen(buf, 0, 4);
    WireRoute.gatewayLen(buf, 0, 16);
    byte[] bytes = new byte[16];
    bytes[0] = 10;
    bytes[15] = 1;
    WireRoute.destination(buf, 0, bytes);
    WireRoute.gateway(buf, 0, bytes);

    assertThat(NetlinkMonitor.decode(buf, 0))
        .isInstanceOfSatisfying(
            NetEvent.Route.class,
            route -> {
              assertThat(route.destination()).containsExactly(10, 0, 0, 0);
              assertThat(route.gateway()).isEqualTo(bytes);
              assertThat(route.prefixLength()).isEqualTo(24);
              assertThat(route.ifindex()).isEqualTo(5);
              assertThat(route.metric()).isEqualTo(77);
              assertThat(route.gone()).isTrue();
            });
  }
}
