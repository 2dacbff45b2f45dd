// SPDX-License-Identifier: Apache-2.0
package io.millrace.trace;

import io.millrace.bpf.PacketBatch;
import io.millrace.bpf.abi.Trace;
import io.millrace.bpf.abi.TraceWay;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A question to the kernel: which packet, and where it meets programs first.
 *
 * @param hook {@code pod_in}, {@code pod_out}, {@code uplink_in} or {@code uplink_out}
 * @param ifindex the device of the hook
 * @param ingressIfindex device that it came in by; 0 = made by this host
 */
public record TracePlan(
    MadePacket packet, Party from, Party to, String hook, int ifindex, int ingressIfindex) {
  /** Runs one program over one packet; {@link io.millrace.bpf.Dataplane#trace}. */
  public interface Kernel {
    ByteBuffer trace(String program, PacketBatch packet);
  }

  /** What one hook made of it; {@code trace} is a {@code struct trace}. */
  public record Met(TracePlan plan, ByteBuffer trace) {}

  String program() {
    return hook + (packet.source().isV4() ? "4" : "6");
  }

  /** Asks each hook on the packet's way, in order. At least one. */
  public List<Met> run(Kernel kernel) {
    List<Met> met = new ArrayList<>();
    for (TracePlan at = this; at != null; ) {
      PacketBatch batch = new PacketBatch(1, MadePacket.FRAME_SIZE);
      batch.add(at.ifindex, at.ingressIfindex, at.packet.frame());
      ByteBuffer trace = kernel.trace("trace_" + at.program(), batch);
      met.add(new Met(at, trace));
      at = at.then(trace);
    }
    return met;
  }

  /** What comes in by an uplink and is for a pod here, is led to it by the stack. */
  private @Nullable TracePlan then(ByteBuffer trace) {
    boolean on = Trace.way(trace, 0) == TraceWay.TRACE_STACK && hook.equals("uplink_in");
    return on && to.where() == Party.Where.POD && to.ifindex() != 0
        ? new TracePlan(packet, from, to, "pod_out", to.ifindex(), ifindex)
        : null;
  }
}
