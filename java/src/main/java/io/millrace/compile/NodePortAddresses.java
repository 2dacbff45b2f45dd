// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile;

import io.millrace.model.Cidr;
import io.millrace.model.Ip;
import java.util.ArrayList;
import java.util.List;

/**
 * Which of the node's addresses serve NodePorts (S-090, S-091).
 *
 * @param primary the node's primary addresses only
 * @param cidrs otherwise, the addresses inside these; a family without any is not restricted
 */
public record NodePortAddresses(boolean primary, List<Cidr> cidrs) {
  /** The global addresses of all uplinks. */
  public static final NodePortAddresses ALL = new NodePortAddresses(false, List.of());

  /** The primary addresses. */
  public static final NodePortAddresses PRIMARY = new NodePortAddresses(true, List.of());

  public NodePortAddresses {
    cidrs = List.copyOf(cidrs);
  }

  /** Whether not all of the node's addresses serve them. */
  boolean isRestricted() {
    return primary || !cidrs.isEmpty();
  }

  /** Whether they name blocks of this family, and so restrict it. */
  boolean restricts(boolean v4) {
    return cidrs.stream().anyMatch(cidr -> cidr.base().isV4() == v4);
  }

  /** Whether an address of a loopback device may serve: unless others are named (S-093). */
  boolean servesLoopback(Ip ip) {
    return !primary
        && (!restricts(ip.isV4()) || cidrs.stream().anyMatch(cidr -> cidr.contains(ip)));
  }

  /**
   * Reads {@code primary}, or blocks separated by commas; empty for {@link #ALL}.
   *
   * @throws IllegalArgumentException if it is neither
   */
  public static NodePortAddresses parse(String text) {
    if (text.isBlank()) {
      return ALL;
    }
    if (text.strip().equals("primary")) {
      return PRIMARY;
    }
    List<Cidr> cidrs = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      cidrs.add(Cidr.parse(part.strip()));
    }
    return new NodePortAddresses(false, cidrs);
  }
}
