// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

import io.millrace.bpf.abi.WirePacket;
import java.nio.ByteBuffer;

/**
 * Packets for {@link KernelDataplane#run}: one call into the library for all of them, and none of
 * them on the heap. To be filled, run, read, and used again after {@link #clear}.
 */
public final class PacketBatch {
  private final int capacity;
  private final ByteBuffer packets;
  private final ByteBuffer frames;
  private int count;
  private int frameBytes;

  /**
   * @param capacity packets that it holds
   * @param frameSize bytes of the longest frame, at least 34 (IPv4) or 54 (IPv6)
   */
  public PacketBatch(int capacity, int frameSize) {
    this.capacity = capacity;
    packets = Calls.direct(capacity * WirePacket.SIZE);
    frames = Calls.direct(capacity * frameSize);
  }

  /**
   * Adds a packet.
   *
   * @param ifindex device of the hook, in this network namespace
   * @param ingressIfindex device that it came in by; 0 = made by this host
   * @param frame with its Ethernet header; all of it is copied
   * @return its number, for {@link #action}
   * @throws IllegalStateException if the batch is full
   */
  public int add(int ifindex, int ingressIfindex, byte[] frame) {
    if (count == capacity || frameBytes + frame.length > frames.capacity()) {
      throw new IllegalStateException("the batch of " + capacity + " packets is full");
    }
    int at = count * WirePacket.SIZE;
    WirePacket.clear(packets, at);
    WirePacket.ifindex(packets, at, ifindex);
    WirePacket.ingressIfindex(packets, at, ingressIfindex);
    WirePacket.offset(packets, at, frameBytes);
    WirePacket.length(packets, at, frame.length);
    frames.put(frameBytes, frame);
    frameBytes += frame.length;
    return count++;
  }

  /** What the program returned for a packet: {@code TC_ACT_*}. */
  public int action(int packet) {
    if (packet < 0 || packet >= count) {
      throw new IndexOutOfBoundsException("packet " + packet + " of " + count);
    }
    return WirePacket.action(packets, packet * WirePacket.SIZE);
  }

  /** How many packets are in it. */
  public int count() {
    return count;
  }

  public boolean isFull() {
    return count == capacity;
  }

  public void clear() {
    count = 0;
    frameBytes = 0;
  }

  ByteBuffer packets() {
    return packets;
  }

  ByteBuffer frames() {
    return frames;
  }

  int frameBytes() {
    return frameBytes;
  }
}
