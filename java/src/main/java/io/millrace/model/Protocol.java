// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import org.jspecify.annotations.Nullable;

/** A transport that a Service can name (S-012). */
public enum Protocol {
  TCP(6),
  UDP(17),
  SCTP(132);

  private final int number;

  Protocol(int number) {
    this.number = number;
  }

  /** IPPROTO_*. */
  public int number() {
    return number;
  }

  /** From the name that manifests use, upper case; null if there is none of that name. */
  public static @Nullable Protocol ofName(String name) {
    return switch (name) {
      case "TCP" -> TCP;
      case "UDP" -> UDP;
      case "SCTP" -> SCTP;
      default -> null;
    };
  }

  /** From IPPROTO_*; null if there is none of that number. */
  public static @Nullable Protocol ofNumber(int number) {
    for (Protocol protocol : values()) {
      if (protocol.number == number) {
        return protocol;
      }
    }
    return null;
  }
}
