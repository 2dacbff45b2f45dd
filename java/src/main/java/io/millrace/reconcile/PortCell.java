// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.bpf.abi.Abi;
import io.millrace.bpf.abi.PortProto;
import io.millrace.compile.policy.PortClasses;
import io.millrace.model.Protocol;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** A value of port_cells: the classes of as many ports as share an element. Immutable. */
final class PortCell {
  /** In no range at all: what an array holds where nobody wrote. */
  static final PortCell NONE = new PortCell(new int[Abi.PORT_CELL]);

  private final int[] classes;

  private PortCell(int[] classes) {
    this.classes = classes;
  }

  /** Takes over {@code classes}. */
  static PortCell of(int[] classes) {
    PortCell cell = new PortCell(classes);
    return cell.equals(NONE) ? NONE : cell;
  }

  /** Elements of one side that are not empty, by their index within the side. */
  static Map<Integer, PortCell> all(PortClasses ports) {
    Map<Integer, int[]> cells = new TreeMap<>();
    for (Protocol protocol : Protocol.values()) {
      int first = index(protocol) * Abi.PORT_CELLS;
      for (PortClasses.Range range : ports.of(protocol)) {
        for (int port = range.from(); port <= range.to(); port++) {
          int[] cell =
              cells.computeIfAbsent(first + port / Abi.PORT_CELL, index -> new int[Abi.PORT_CELL]);
          cell[port % Abi.PORT_CELL] = range.portClass();
        }
      }
    }
    Map<Integer, PortCell> result = new TreeMap<>();
    cells.forEach((index, cell) -> result.put(index, of(cell)));
    return result;
  }

  /** {@code enum port_proto}. */
  static int index(Protocol protocol) {
    return switch (protocol) {
      case TCP -> PortProto.PORT_TCP;
      case UDP -> PortProto.PORT_UDP;
      case SCTP -> PortProto.PORT_SCTP;
    };
  }

  /** The class of port number {@code at} of the element. */
  int at(int at) {
    return classes[at];
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PortCell cell && Arrays.equals(classes, cell.classes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(classes);
  }

  @Override
  public String toString() {
    return Arrays.toString(classes);
  }
}
