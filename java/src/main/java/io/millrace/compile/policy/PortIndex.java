// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile.policy;

import io.millrace.model.PolicyState.PortRange;
import io.millrace.model.Protocol;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The ranges of ports that rules name, and the classes that they fall into. */
final class PortIndex {
  private final Set<PortRange> ranges;
  private final PortClasses classes;

  /** The classes that a range is made of. */
  private final Map<PortRange, Set<Integer>> byRange = new HashMap<>();

  private final Map<Integer, String> contents = new HashMap<>();
  private final Coverage coverage;
  private final Ids ids;

  PortIndex(Set<PortRange> ranges, Coverage coverage, Ids ids) {
    this.ranges = ranges;
    this.coverage = coverage;
    this.ids = ids;
    Map<Protocol, List<PortClasses.Range>> all = new EnumMap<>(Protocol.class);
    for (Protocol protocol : Protocol.values()) {
      List<PortRange> its = new ArrayList<>();
      ranges.stream()
          .filter(range -> range.protocol() == protocol)
          .sorted(Rules.PORTS)
          .forEach(its::add);
      all.put(protocol, split(its));
    }
    classes = new PortClasses(all);
  }

  /** What it was made from. */
  Set<PortRange> ranges() {
    return ranges;
  }

  PortClasses classes() {
    return classes;
  }

  Set<Integer> classesOf(PortRange range) {
    return byRange.getOrDefault(range, Set.of());
  }

  /** Between two neighbouring ends all ports are in the same ranges. */
  private List<PortClasses.Range> split(List<PortRange> sorted) {
    TreeSet<Integer> starts = new TreeSet<>();
    for (PortRange range : sorted) {
      starts.add(range.from());
      starts.add(range.to() + 1);
    }
    List<PortClasses.Range> split = new ArrayList<>();
    for (int from : starts) {
      Integer next = starts.higher(from);
      List<PortRange> around =
          sorted.stream().filter(range -> range.from() <= from && from <= range.to()).toList();
      if (next != null && !around.isEmpty()) {
        split.add(new PortClasses.Range(from, next - 1, portClass(coverage.ranges(around))));
      }
    }
    return split;
  }

  private int portClass(List<PortRange> around) {
    Canonical content = new Canonical();
    around.forEach(content::add);
    int id = ids.shortOf("ports", content.toString());
    String other = contents.putIfAbsent(id, content.toString());
    if (other != null && !other.equals(content.toString())) {
      throw new Ids.Collision("port class");
    }
    for (PortRange range : around) {
      byRange.computeIfAbsent(range, each -> new LinkedHashSet<>()).add(id);
    }
    return id;
  }
}
