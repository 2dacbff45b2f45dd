// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

import io.millrace.bpf.abi.Abi;
import io.millrace.bpf.abi.FlowTimeout;
import io.millrace.bpf.abi.GcArgs;
import io.millrace.bpf.abi.Room;
import io.millrace.bpf.jni.Native;
import java.nio.ByteBuffer;

/** The flow tables, for the one thread that keeps them. */
final class KernelFlows {
  private static final double TICK_SECONDS = (1L << Abi.FLOW_TICK_SHIFT) / 1e9;

  private final Handle handle;
  private final ByteBuffer gcArgs = Calls.direct(GcArgs.SIZE);
  private final ByteBuffer room = Calls.direct(Room.SIZE);

  KernelFlows(Handle handle) {
    this.handle = handle;
  }

  GcStats gc(FlowTable table, FlowTimeouts timeouts) {
    GcArgs.clear(gcArgs, 0);
    timeout(FlowTimeout.TIMEOUT_TCP_NEW, timeouts.tcpNew());
    timeout(FlowTimeout.TIMEOUT_TCP_ESTABLISHED, timeouts.tcpEstablished());
    timeout(FlowTimeout.TIMEOUT_TCP_CLOSING, timeouts.tcpClosing());
    timeout(FlowTimeout.TIMEOUT_TCP_CLOSED, timeouts.tcpClosed());
    timeout(FlowTimeout.TIMEOUT_UDP_NEW, timeouts.udpNew());
    timeout(FlowTimeout.TIMEOUT_UDP_ESTABLISHED, timeouts.udpEstablished());
    timeout(FlowTimeout.TIMEOUT_ICMP, timeouts.icmp());
    int rc = Native.dataplaneGc(handle.get(), table.family(), gcArgs);
    Calls.check(rc, "collect flows of", table.map().mapName());
    return new GcStats(
        GcArgs.scanned(gcArgs, 0),
        GcArgs.live(gcArgs, 0),
        GcArgs.expired(gcArgs, 0),
        GcArgs.orphans(gcArgs, 0),
        (long) (GcArgs.oldest(gcArgs, 0) * TICK_SECONDS),
        GcArgs.pressure(gcArgs, 0) != 0);
  }

  FlowRoom room(FlowTable table) {
    int rc = Native.dataplaneRoom(handle.get(), table.family(), room);
    Calls.check(rc, "read what is left of", table.map().mapName());
    return new FlowRoom(Room.left(room, 0), Room.low(room, 0));
  }

  /** Rounded up: a flow is never ended early. */
  private void timeout(int index, int seconds) {
    GcArgs.timeout(gcArgs, 0, index, (int) Math.ceil(seconds / TICK_SECONDS));
  }
}
