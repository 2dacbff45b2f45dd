// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile.policy;

import io.millrace.model.Protocol;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Ports by the ranges of rules that they are in.
 *
 * @param ranges of each protocol, in order and disjoint; a port in none of them has class 0. All
 *     protocols are there
 */
public record PortClasses(Map<Protocol, List<Range>> ranges) {
  /** No rule names ports. */
  public static final PortClasses NONE = new PortClasses(Map.of());

  public PortClasses {
    Map<Protocol, List<Range>> all = new EnumMap<>(Protocol.class);
    for (Protocol protocol : Protocol.values()) {
      all.put(protocol, List.copyOf(ranges.getOrDefault(protocol, List.of())));
    }
    ranges = Collections.unmodifiableMap(all);
  }

  /**
   * Ports of one class. There may be several ranges of a class.
   *
   * @param from 0…65535
   * @param to the last one, 0…65535
   * @param portClass hash of what the class says, never 0
   */
  public record Range(int from, int to, int portClass) {}

  public List<Range> of(Protocol protocol) {
    return ranges.getOrDefault(protocol, List.of());
  }

  /** The class of a port, 0 if it is in no range. */
  public int of(Protocol protocol, int port) {
    for (Range range : of(protocol)) {
      if (port >= range.from() && port <= range.to()) {
        return range.portClass();
      }
    }
    return 0;
  }
}
