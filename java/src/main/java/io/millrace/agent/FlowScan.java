// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import io.millrace.admin.proto.Flow;
import io.millrace.admin.proto.FlowsPage;
import io.millrace.admin.proto.Response;
import io.millrace.bpf.BpfMap;
import io.millrace.bpf.abi.Abi;
import io.millrace.bpf.abi.Flow4;
import io.millrace.bpf.abi.Flow4Key;
import io.millrace.bpf.abi.Flow6;
import io.millrace.bpf.abi.Flow6Key;
import io.millrace.bpf.abi.FlowFlag;
import io.millrace.bpf.abi.FlowState;
import io.millrace.model.Ip;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;

/** Reads the flow tables for {@code millrace flows}, no further than needed. */
final class FlowScan {
  private static final int FLOWS_PER_PAGE = 500;

  /** Bits of {@code enum flow_flag}, all below this. */
  private static final int FLAG_BITS = 16;

  private final FlowFilter filter;
  private final IntFunction<String> serviceName;
  private final int nowTick;
  private final List<Response> pages = new ArrayList<>();
  private FlowsPage.Builder page = FlowsPage.newBuilder();
  private int found;
  private boolean more;

  /** Ends a walk over a map from within. */
  private static final class Enough extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Enough() {
      super("enough", null, false, false);
    }
  }

  /** A half of a flow of either family. */
  private record Half(Ip source, Ip destination, Ip newSource, Ip newDestination) {}

  /**
   * @param serviceName the name of the service port of an id
   * @param nowNs CLOCK_MONOTONIC, which is what {@code System.nanoTime} reads on Linux
   */
  FlowScan(FlowFilter filter, IntFunction<String> serviceName, long nowNs) {
    this.filter = filter;
    this.serviceName = serviceName;
    nowTick = (int) (nowNs >>> Abi.FLOW_TICK_SHIFT);
  }

  /** The pages of the answer. */
  List<Response> scan(BpfMap flows4, BpfMap flows6) {
    try {
      flows4.forEach(this::flow4);
      flows6.forEach(this::flow6);
    } catch (Enough e) {
      more = true;
    }
    if (page.getFlowsCount() > 0 || pages.isEmpty() || more) {
      pages.add(Response.newBuilder().setFlows(page.setMore(more)).build());
    }
    return pages;
  }

  private void flow4(ByteBuffer key, ByteBuffer value) {
    if (!wanted(Flow4.flags(value, 0), Flow4.svc(value, 0))) {
      return;
    }
    Half half =
        new Half(
            Ip.ofV4(Flow4Key.saddr(key, 0)),
            Ip.ofV4(Flow4Key.daddr(key, 0)),
            Ip.ofV4(Flow4.saddr(value, 0)),
            Ip.ofV4(Flow4.daddr(value, 0)));
    if (!wanted(half)) {
      return;
    }
    Flow.Builder flow = start(half, Flow4Key.proto(key, 0));
    flow.setSourcePort(Flow4Key.sport(key, 0))
        .setDestinationPort(Flow4Key.dport(key, 0))
        .setTranslatedSourcePort(Flow4.sport(value, 0))
        .setTranslatedDestinationPort(Flow4.dport(value, 0))
        .setState(state(Flow4.state(value, 0)))
        .setService(service(Flow4.svc(value, 0)))
        .setBackendId(Integer.toUnsignedLong(Flow4.backend(value, 0)))
        .setIdleS(idle(Flow4.seen(value, 0)));
    add(flow, Flow4.flags(value, 0));
  }

  private void flow6(ByteBuffer key, ByteBuffer value) {
    if (!wanted(Flow6.flags(value, 0), Flow6.svc(value, 0))) {
      return;
    }
    Half half =
        new Half(
            Ip.ofBytes(Flow6Key.saddr(key, 0)),
            Ip.ofBytes(Flow6Key.daddr(key, 0)),
            Ip.ofBytes(Flow6.saddr(value, 0)),
            Ip.ofBytes(Flow6.daddr(value, 0)));
    if (!wanted(half)) {
      return;
    }
    Flow.Builder flow = start(half, Flow6Key.proto(key, 0));
    flow.setSourcePort(Flow6Key.sport(key, 0))
        .setDestinationPort(Flow6Key.dport(key, 0))
        .setTranslatedSourcePort(Flow6.sport(value, 0))
        .setTranslatedDestinationPort(Flow6.dport(value, 0))
        .setState(state(Flow6.state(value, 0)))
        .setService(service(Flow6.svc(value, 0)))
        .setBackendId(Integer.toUnsignedLong(Flow6.backend(value, 0)))
        .setIdleS(idle(Flow6.seen(value, 0)));
    add(flow, Flow6.flags(value, 0));
  }

  private boolean wanted(int flags, int service) {
    return (filter.replies() || (flags & FlowFlag.FLOW_REPLY) == 0) && filter.wants(service);
  }

  private boolean wanted(Half half) {
    return !filter.looksAtAddresses()
        || filter.wants(half.source(), half.destination(), half.newSource(), half.newDestination());
  }

  private Flow.Builder start(Half half, int protocol) {
    if (found == filter.limit()) {
      throw new Enough();
    }
    found++;
    return Flow.newBuilder()
        .setProtocol(protocol(protocol))
        .setSource(half.source().toString())
        .setDestination(half.destination().toString())
        .setTranslatedSource(half.newSource().toString())
        .setTranslatedDestination(half.newDestination().toString());
  }

  private void add(Flow.Builder flow, int flags) {
    for (int bit = 1; bit < 1 << FLAG_BITS; bit <<= 1) {
      if ((flags & bit) != 0) {
        flow.addFlags(plain(FlowFlag.name(bit), "FLOW_"));
      }
    }
    page.addFlows(flow);
    if (page.getFlowsCount() == FLOWS_PER_PAGE) {
      pages.add(Response.newBuilder().setFlows(page).build());
      page = FlowsPage.newBuilder();
    }
  }

  private String service(int id) {
    return id == 0 ? "" : serviceName.apply(id);
  }

  private long idle(int seen) {
    int ticks = Math.max(0, nowTick - seen);
    return ((long) ticks << Abi.FLOW_TICK_SHIFT) / 1_000_000_000L;
  }

  private static String state(int state) {
    return plain(FlowState.name(state), "FLOW_STATE_");
  }

  private static String plain(String name, String prefix) {
    return name.startsWith(prefix)
        ? name.substring(prefix.length()).toLowerCase(Locale.ROOT)
        : name;
  }

  private static String protocol(int protocol) {
    return switch (protocol) {
      case 1 -> "icmp";
      case 6 -> "tcp";
      case 17 -> "udp";
      case 58 -> "icmpv6";
      case 132 -> "sctp";
      default -> Integer.toString(protocol);
    };
  }
}
