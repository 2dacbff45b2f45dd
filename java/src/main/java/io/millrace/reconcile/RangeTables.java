// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.bpf.Dataplane;
import io.millrace.bpf.MapName;
import io.millrace.compile.PortProgram;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who may ask which frontend, both families: which lists ServicePorts hold, and whether these are
 * in force. A frontend whose list is not in force is not to be served at all.
 */
final class RangeTables {
  private final RangeTable v4;
  private final RangeTable v6;

  RangeTables(Dataplane dataplane, BatchBuffers buffers, long graceNs) {
    v4 = new RangeTable(false, dataplane.map(MapName.RANGES4), buffers, graceNs);
    v6 = new RangeTable(true, dataplane.map(MapName.RANGES6), buffers, graceNs);
  }

  void load(boolean six) {
    family(six).load();
  }

  /** As {@link RangeTable#found}. */
  RangeList found(boolean six, int id) {
    return family(six).found(id);
  }

  void endRestore(long nowNs) {
    v4.endRestore(nowNs);
    v6.endRestore(nowNs);
  }

  /** Sees to it that there are the lists that a port wants. */
  void hold(PortState port) {
    for (PortProgram.Rule rule : port.rules()) {
      if (!rule.sources().isEmpty()) {
        port.hold(family(rule.frontend().ip().isV6()).of(rule.sources()));
      }
    }
  }

  /** What the port's frontend names; 0 where everybody may ask. */
  int id(PortState port, PortProgram.Rule rule) {
    RangeList list = list(port, rule);
    return list == null ? 0 : list.id();
  }

  /** Whether the frontend can be served without anybody getting in who may not. */
  boolean isInForce(PortState port, PortProgram.Rule rule) {
    RangeList list = list(port, rule);
    return list == null ? rule.sources().isEmpty() : family(list.isV6()).isInForce(list);
  }

  /** All frontends of the port are as they should be: it holds no other list than they name. */
  void releaseUnused(PortState port, long nowNs) {
    List<RangeList> used = new ArrayList<>();
    for (PortProgram.Rule rule : port.rules()) {
      RangeList list = list(port, rule);
      if (list != null) {
        used.add(list);
      }
    }
    port.ranges()
        .removeIf(
            list -> {
              if (used.contains(list)) {
                return false;
              }
              family(list.isV6()).release(list, nowNs);
              return true;
            });
  }

  void write(long nowNs) {
    v4.write(nowNs);
    v6.write(nowNs);
  }

  void delete(long nowNs) {
    v4.delete(nowNs);
    v6.delete(nowNs);
  }

  int audit() {
    return v4.table().audit() + v6.table().audit();
  }

  long waitNs(long nowNs) {
    return Math.min(v4.waitNs(nowNs), v6.waitNs(nowNs));
  }

  List<MapStatus> status() {
    return List.of(v4.table().status(), v6.table().status());
  }

  private RangeTable family(boolean six) {
    return six ? v6 : v4;
  }

  /** The list of a rule that has sources; null only without. */
  private static @Nullable RangeList list(PortState port, PortProgram.Rule rule) {
    if (rule.sources().isEmpty()) {
      return null;
    }
    boolean six = rule.frontend().ip().isV6();
    for (RangeList list : port.ranges()) {
      if (list.isV6() == six && list.blocks().equals(rule.sources())) {
        return list;
      }
    }
    return null;
  }
}
