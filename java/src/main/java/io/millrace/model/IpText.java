// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import org.jspecify.annotations.Nullable;

/** The text form of addresses: reads what Kubernetes reads, writes RFC 5952. */
final class IpText {
  private static final int GROUPS = 8;

  private IpText() {}

  static @Nullable Ip parse(String text) {
    if (text.indexOf(':') < 0) {
      long bits = parseV4(text, 0, text.length());
      return bits < 0 ? null : Ip.ofV4((int) bits);
    }
    return parseV6(text);
  }

  /** The 32 bits of four decimal numbers in {@code [from, to)}, or -1. */
  private static long parseV4(String text, int from, int to) {
    long bits = 0;
    int at = from;
    for (int part = 0; part < 4; part++) {
      if (part > 0) {
        if (at >= to || text.charAt(at) != '.') {
          return -1;
        }
        at++;
      }
      int start = at;
      int value = 0;
      while (at < to && isDigit(text.charAt(at))) {
        value = value * 10 + text.charAt(at++) - '0';
        if (value > 255) {
          return -1;
        }
      }
      if (at == start) {
        return -1;
      }
      bits = bits << 8 | value;
    }
    return at == to ? bits : -1;
  }

  private static @Nullable Ip parseV6(String text) {
    int[] groups = new int[GROUPS];
    int gap = text.indexOf("::");
    if (gap < 0) {
      int count = readGroups(text, 0, text.length(), groups, 0);
      return count == GROUPS ? assemble(groups, count, -1) : null;
    }
    if (text.indexOf("::", gap + 1) >= 0) {
      return null;
    }
    int left = readGroups(text, 0, gap, groups, 0);
    int count = left < 0 ? -1 : readGroups(text, gap + 2, text.length(), groups, left);
    return count < 0 || count == GROUPS ? null : assemble(groups, count, left);
  }

  /**
   * Reads the groups in {@code [from, to)}, the last of the text as an IPv4 address if it is one.
   *
   * @return how many groups there are now, or -1
   */
  private static int readGroups(String text, int from, int to, int[] groups, int before) {
    int count = before;
    for (int at = from; at < to; at++) {
      int stop = groupEnd(text, at);
      if (stop < to && text.charAt(stop) == '.') {
        long v4 = count > GROUPS - 2 || to != text.length() ? -1 : parseV4(text, at, to);
        if (v4 < 0) {
          return -1;
        }
        groups[count] = (int) (v4 >>> 16);
        groups[count + 1] = (int) (v4 & 0xffff);
        return count + 2;
      }
      int group = parseHex(text, at, stop);
      boolean ends = stop == to || (text.charAt(stop) == ':' && stop + 1 < to);
      if (group < 0 || count == GROUPS || !ends) {
        return -1;
      }
      groups[count++] = group;
      at = stop;
    }
    return count;
  }

  private static int groupEnd(String text, int from) {
    int at = from;
    while (at < text.length() && Character.digit(text.charAt(at), 16) >= 0) {
      at++;
    }
    return at;
  }

  private static int parseHex(String text, int from, int to) {
    if (from == to) {
      return -1;
    }
    int value = 0;
    for (int at = from; at < to; at++) {
      char c = text.charAt(at);
      if (c > 'f') {
        return -1;
      }
      value = value << 4 | Character.digit(c, 16);
      if (value > 0xffff) {
        return -1;
      }
    }
    return value;
  }

  private static Ip assemble(int[] groups, int count, int gap) {
    long hi = 0;
    long lo = 0;
    int missing = GROUPS - count;
    for (int i = 0; i < GROUPS; i++) {
      int group;
      if (gap < 0 || i < gap) {
        group = groups[i];
      } else {
        group = i < gap + missing ? 0 : groups[i - missing];
      }
      if (i < 4) {
        hi = hi << 16 | group;
      } else {
        lo = lo << 16 | group;
      }
    }
    return new Ip(hi, lo);
  }

  static String format(Ip ip) {
    StringBuilder out = new StringBuilder(40);
    if (ip.isV4()) {
      int bits = ip.v4();
      return out.append(bits >>> 24)
          .append('.')
          .append(bits >>> 16 & 0xff)
          .append('.')
          .append(bits >>> 8 & 0xff)
          .append('.')
          .append(bits & 0xff)
          .toString();
    }
    long run = longestZeroRun(ip);
    int start = (int) (run >>> 8);
    int length = (int) (run & 0xff);
    for (int i = 0; i < GROUPS; i++) {
      if (length > 1 && i == start) {
        out.append("::");
        i += length - 1;
        continue;
      }
      if (i > 0 && out.charAt(out.length() - 1) != ':') {
        out.append(':');
      }
      out.append(Integer.toHexString(group(ip, i)));
    }
    return out.toString();
  }

  /** The first of the longest runs of zero groups: start &lt;&lt; 8 | length. */
  private static long longestZeroRun(Ip ip) {
    int bestStart = 0;
    int bestLength = 0;
    int length = 0;
    for (int i = 0; i < GROUPS; i++) {
      length = group(ip, i) == 0 ? length + 1 : 0;
      if (length > bestLength) {
        bestLength = length;
        bestStart = i - length + 1;
      }
    }
    return (long) bestStart << 8 | bestLength;
  }

  private static int group(Ip ip, int index) {
    long half = index < 4 ? ip.hi() : ip.lo();
    return (int) (half >>> (48 - 16 * (index & 3))) & 0xffff;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
