// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import org.jspecify.annotations.Nullable;

/**
 * An address block; bits beyond the prefix are zero. {@code prefix} counts in the family's bits.
 */
public record Cidr(Ip base, int prefix) implements Comparable<Cidr> {
  public Cidr {
    if (prefix < 0 || prefix > base.bits()) {
      throw new IllegalArgumentException("prefix length /" + prefix + " of " + base);
    }
    base = mask(base, prefix);
  }

  /**
   * Reads {@code 10.0.0.0/8}.
   *
   * @throws IllegalArgumentException if it is no block
   */
  public static Cidr parse(String text) {
    Cidr cidr = tryParse(text);
    if (cidr == null) {
      throw new IllegalArgumentException("not an address block such as 10.0.0.0/8: " + text);
    }
    return cidr;
  }

  /** As {@link #parse}, or null if it is no block. */
  public static @Nullable Cidr tryParse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0 || slash == text.length() - 1 || text.length() - slash > 4) {
      return null;
    }
    Ip base = Ip.tryParse(text.substring(0, slash));
    int prefix = 0;
    for (int at = slash + 1; at < text.length(); at++) {
      char c = text.charAt(at);
      if (c < '0' || c > '9') {
        return null;
      }
      prefix = prefix * 10 + c - '0';
    }
    return base == null || prefix > base.bits() ? null : new Cidr(base, prefix);
  }

  public boolean contains(Ip ip) {
    return ip.isV4() == base.isV4() && mask(ip, prefix).equals(base);
  }

  /** Whether all of the other block is in this one. */
  public boolean contains(Cidr other) {
    return other.prefix >= prefix && contains(other.base);
  }

  @Override
  public int compareTo(Cidr other) {
    int order = base.compareTo(other.base);
    return order != 0 ? order : Integer.compare(prefix, other.prefix);
  }

  @Override
  public String toString() {
    return base + "/" + prefix;
  }

  private static Ip mask(Ip ip, int prefix) {
    int bits = ip.isV4() ? prefix + 96 : prefix;
    if (bits >= 64) {
      return new Ip(ip.hi(), ip.lo() & highBits(bits - 64));
    }
    return new Ip(ip.hi() & highBits(bits), 0);
  }

  private static long highBits(int count) {
    return count == 0 ? 0 : -1L << (64 - count);
  }
}
