// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

import io.millrace.bpf.abi.WireAddress;
import io.millrace.bpf.abi.WireEvent;
import io.millrace.bpf.abi.WireEventType;
import io.millrace.bpf.abi.WireLink;
import io.millrace.bpf.abi.WireRoute;
import io.millrace.bpf.jni.Native;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * The kernel's routing netlink, in the network namespace of this process. To be closed by the
 * thread that polls.
 */
public final class NetlinkMonitor implements NetMonitor {
  private static final int RECORDS_SIZE = 65_536;

  private final Handle handle;
  private final ByteBuffer records = Calls.direct(RECORDS_SIZE);

  private NetlinkMonitor(Handle handle) {
    this.handle = handle;
  }

  /**
   * Opens a monitor of the network namespace that the calling thread is in.
   *
   * @throws BpfException if the kernel refuses a socket
   * @throws IllegalStateException if the native library is missing or of another build
   */
  public static NetlinkMonitor open() {
    NativeLibrary.load();
    long address = Calls.check(Native.netmonOpen(), "follow", "the network");
    return new NetlinkMonitor(new Handle("the network monitor", address, Native::netmonFree));
  }

  @Override
  public void poll(int timeoutMs, Consumer<NetEvent> sink) {
    int len =
        Calls.check(Native.netmonPoll(handle.get(), timeoutMs, records), "follow", "the network");
    for (int at = 0; at < len; at += WireEvent.size(records, at)) {
      sink.accept(decode(records, at));
    }
  }

  @Override
  public void close() {
    handle.close();
  }

  static NetEvent decode(ByteBuffer buf, int at) {
    int type = WireEvent.type(buf, at);
    return switch (type) {
      case WireEventType.WIRE_EVENT_BEGIN -> new NetEvent.SnapshotBegin();
      case WireEventType.WIRE_EVENT_END -> new NetEvent.SnapshotEnd();
      case WireEventType.WIRE_EVENT_LINK -> link(buf, at);
      case WireEventType.WIRE_EVENT_ADDRESS -> address(buf, at);
      case WireEventType.WIRE_EVENT_ROUTE -> route(buf, at);
      default -> throw new IllegalStateException("network record of unknown type " + type);
    };
  }

  private static NetEvent link(ByteBuffer buf, int at) {
    return new NetEvent.Link(
        WireLink.ifindex(buf, at),
        text(WireLink.name(buf, at)),
        text(WireLink.kind(buf, at)),
        WireLink.arphrd(buf, at),
        Arrays.copyOf(WireLink.mac(buf, at), WireLink.macLen(buf, at)),
        WireLink.up(buf, at) != 0,
        WireLink.master(buf, at),
        WireLink.peerElsewhere(buf, at) != 0,
        WireLink.parent(buf, at),
        WireLink.vlan(buf, at),
        gone(buf, at));
  }

  private static NetEvent address(ByteBuffer buf, int at) {
    return new NetEvent.Address(
        WireAddress.ifindex(buf, at),
        Arrays.copyOf(WireAddress.ip(buf, at), WireAddress.ipLen(buf, at)),
        WireAddress.prefixLen(buf, at),
        WireAddress.scope(buf, at),
        WireAddress.flags(buf, at),
        gone(buf, at));
  }

  private static NetEvent route(ByteBuffer buf, int at) {
    return new NetEvent.Route(
        Arrays.copyOf(WireRoute.destination(buf, at), WireRoute.ipLen(buf, at)),
        WireRoute.prefixLen(buf, at),
        Arrays.copyOf(WireRoute.gateway(buf, at), WireRoute.gatewayLen(buf, at)),
        WireRoute.ifindex(buf, at),
        WireRoute.metric(buf, at),
        gone(buf, at));
  }

  private static boolean gone(ByteBuffer buf, int at) {
    return WireEvent.gone(buf, at) != 0;
  }

  private static String text(byte[] padded) {
    int len = 0;
    while (len < padded.length && padded[len] != 0) {
      len++;
    }
    return new String(padded, 0, len, StandardCharsets.UTF_8);
  }
}
