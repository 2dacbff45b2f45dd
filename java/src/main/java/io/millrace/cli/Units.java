// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import java.util.Locale;

/** Numbers as people read them. */
final class Units {
  private Units() {}

  /** {@code 1,234,567}. */
  static String count(long n) {
    return String.format(Locale.ROOT, "%,d", n);
  }

  /** {@code 1 map entry}, {@code 2 map entries}. */
  static String count(long n, String one, String many) {
    return count(n) + " " + (n == 1 ? one : many);
  }

  /** {@code 87 MiB}. */
  static String bytes(long bytes) {
    if (bytes < 1 << 20) {
      return (bytes >> 10) + " KiB";
    }
    return (bytes >> 20) + " MiB";
  }

  /** {@code 850 ms}, {@code 12 s}, {@code 3 min 5 s}, {@code 2 h 7 min}, {@code 9 d 3 h}. */
  static String duration(long ms) {
    if (ms < 10_000) {
      return ms + " ms";
    }
    long s = ms / 1000;
    if (s < 60) {
      return s + " s";
    }
    if (s < 3600) {
      return s / 60 + " min " + s % 60 + " s";
    }
    if (s < 86_400) {
      return s / 3600 + " h " + s % 3600 / 60 + " min";
    }
    return s / 86_400 + " d " + s % 86_400 / 3600 + " h";
  }

  /** {@code 10.0.0.1:80}, {@code [2001:db8::1]:80}. */
  static String socket(String address, int port) {
    return address.indexOf(':') >= 0 ? "[" + address + "]:" + port : address + ":" + port;
  }
}
