// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import org.jspecify.annotations.Nullable;

/**
 * An IP address in two longs, network order. IPv4 addresses are held as IPv4-mapped IPv6 ones, and
 * a mapped address is an IPv4 address, as everywhere in Kubernetes.
 */
public record Ip(long hi, long lo) implements Comparable<Ip> {
  private static final long V4_MAPPED = 0xffff_0000_0000L;
  private static final long V4_MASK = 0xffff_ffffL;

  /** An IPv4 address from its 32 bits, {@code 0x0a000001} for 10.0.0.1. */
  public static Ip ofV4(int bits) {
    return new Ip(0, V4_MAPPED | (bits & V4_MASK));
  }

  /**
   * An address from 4 or 16 bytes in network order.
   *
   * @throws IllegalArgumentException for any other length
   */
  public static Ip ofBytes(byte[] bytes) {
    return switch (bytes.length) {
      case 4 -> ofV4((int) big(bytes, 0, 4));
      case 16 -> new Ip(big(bytes, 0, 8), big(bytes, 8, 8));
      default -> throw new IllegalArgumentException("an address has 4 or 16 bytes");
    };
  }

  /**
   * Reads the text form. Leading zeros are decimal, not octal (S-011), as in every component of
   * Kubernetes.
   *
   * @throws IllegalArgumentException if it is no address
   */
  public static Ip parse(String text) {
    Ip ip = tryParse(text);
    if (ip == null) {
      throw new IllegalArgumentException("not an IP address: " + text);
    }
    return ip;
  }

  /** As {@link #parse}, or null if it is no address. */
  public static @Nullable Ip tryParse(String text) {
    return IpText.parse(text);
  }

  public boolean isV4() {
    return hi == 0 && (lo & ~V4_MASK) == V4_MAPPED;
  }

  public boolean isV6() {
    return !isV4();
  }

  /** The 32 bits of an IPv4 address. */
  public int v4() {
    return (int) lo;
  }

  /** Bits of an address of this family: 32 or 128. */
  public int bits() {
    return isV4() ? 32 : 128;
  }

  /** 4 or 16 bytes, network order. */
  public byte[] toBytes() {
    byte[] bytes = new byte[isV4() ? 4 : 16];
    if (isV4()) {
      put(bytes, 0, lo, 4);
    } else {
      put(bytes, 0, hi, 8);
      put(bytes, 8, lo, 8);
    }
    return bytes;
  }

  /** 0.0.0.0 or ::. */
  public boolean isUnspecified() {
    return isV4() ? v4() == 0 : hi == 0 && lo == 0;
  }

  /** 127.0.0.0/8 or ::1. */
  public boolean isLoopback() {
    return isV4() ? v4() >>> 24 == 127 : hi == 0 && lo == 1;
  }

  /** 169.254.0.0/16 or fe80::/10. */
  public boolean isLinkLocal() {
    return isV4() ? v4() >>> 16 == 0xa9fe : hi >>> 54 == 0xfe80 >>> 6;
  }

  /** 224.0.0.0/4 or ff00::/8. */
  public boolean isMulticast() {
    return isV4() ? v4() >>> 28 == 0xe : hi >>> 56 == 0xff;
  }

  /** IPv4 before IPv6, then by number. */
  @Override
  public int compareTo(Ip other) {
    if (isV4() != other.isV4()) {
      return isV4() ? -1 : 1;
    }
    int order = Long.compareUnsigned(hi, other.hi);
    return order != 0 ? order : Long.compareUnsigned(lo, other.lo);
  }

  @Override
  public int hashCode() {
    long mixed = (hi * 0x9e3779b97f4a7c15L + lo) * 0xbf58476d1ce4e5b9L;
    return (int) (mixed >>> 32);
  }

  /** The canonical text, RFC 5952. */
  @Override
  public String toString() {
    return IpText.format(this);
  }

  private static long big(byte[] bytes, int at, int count) {
    long value = 0;
    for (int i = 0; i < count; i++) {
      value = value << 8 | (bytes[at + i] & 0xff);
    }
    return value;
  }

  private static void put(byte[] bytes, int at, long value, int count) {
    for (int i = 0; i < count; i++) {
      bytes[at + i] = (byte) (value >>> (8 * (count - 1 - i)));
    }
  }
}
