// SPDX-License-Identifier: Apache-2.0
package io.millrace.trace;

import io.millrace.model.Ip;
import java.nio.ByteBuffer;

/**
 * The first packet of a connection: TCP SYN, SCTP INIT, a UDP datagram, or an ICMP echo request.
 *
 * @param protocol IPPROTO_*
 * @param sourcePort the identifier of an echo
 * @param destinationPort 0 of an echo
 */
public record MadePacket(
    Ip source, Ip destination, int protocol, int sourcePort, int destinationPort) {
  public static final int TCP = 6;
  public static final int UDP = 17;
  public static final int SCTP = 132;
  public static final int ICMP = 1;
  public static final int ICMPV6 = 58;

  /** The longest frame: IPv6 and SCTP. */
  public static final int FRAME_SIZE = 14 + 40 + 32;

  /** Whether the protocol has ports. */
  public boolean hasPorts() {
    return protocol != ICMP && protocol != ICMPV6;
  }

  /** As in {@code millrace flows}. */
  public String protocolName() {
    return switch (protocol) {
      case TCP -> "tcp";
      case UDP -> "udp";
      case SCTP -> "sctp";
      case ICMP -> "icmp";
      default -> "icmpv6";
    };
  }

  /** With an Ethernet header. Nobody looks at its checksums, but UDP's must not be absent. */
  public byte[] frame() {
    byte[] payload = transport();
    boolean v4 = source.isV4();
    ByteBuffer frame = ByteBuffer.allocate(14 + (v4 ? 20 : 40) + payload.length);
    frame.position(12).putShort((short) (v4 ? 0x0800 : 0x86dd));
    if (v4) {
      frame.put((byte) 0x45).put((byte) 0).putShort((short) (20 + payload.length)).putInt(0);
      frame.put((byte) 64).put((byte) protocol).putShort((short) 0);
    } else {
      frame.putInt(6 << 28).putShort((short) payload.length);
      frame.put((byte) protocol).put((byte) 64);
    }
    frame.put(source.toBytes()).put(destination.toBytes()).put(payload);
    return frame.array();
  }

  private byte[] transport() {
    return switch (protocol) {
      case TCP ->
          ports(20).putInt(1).putInt(0).put((byte) 0x50).put((byte) 0x02).putInt(-1).array();
      case UDP -> ports(8).putShort((short) 8).putShort((short) -1).array();
      // INIT, the first chunk after ports, tag and checksum.
      case SCTP ->
          ports(32).putInt(0).putInt(0).put((byte) 1).put((byte) 0).putShort((short) 20).array();
      default ->
          ByteBuffer.allocate(8)
              .put((byte) (protocol == ICMP ? 8 : 128))
              .put((byte) 0)
              .putShort((short) -1)
              .putShort((short) sourcePort)
              .array();
    };
  }

  private ByteBuffer ports(int size) {
    return ByteBuffer.allocate(size).putShort((short) sourcePort).putShort((short) destinationPort);
  }
}
