// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile.policy;

import io.millrace.model.Ip;
import io.millrace.model.PolicyState.PortName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Which numbers pods have for the port names that rules ask of their peers (policy P5). Pods that
 * are asked by labels count by their groups, those that are asked by blocks by their addresses.
 */
final class Numbers {
  private final Matcher matcher;
  private final Map<Query, TreeMap<Integer, Integer>> counts = new HashMap<>();
  private final Map<Group, List<Query>> groups = new HashMap<>();
  private List<Query> ofBlocks = List.of();
  private boolean changed;

  /** Which numbers do these peers have for this name? */
  record Query(Atom base, PortName name) implements Comparable<Query> {
    private static final Comparator<Query> ORDER =
        Comparator.comparing(Query::base)
            .thenComparing(query -> query.name().protocol())
            .thenComparing(query -> query.name().name());

    int of(Group group) {
      return group.port(name.name(), name.protocol());
    }

    @Override
    public int compareTo(Query other) {
      return ORDER.compare(this, other);
    }
  }

  Numbers(Matcher matcher) {
    this.matcher = matcher;
  }

  Set<Integer> of(Query query) {
    TreeMap<Integer, Integer> found = counts.get(query);
    return found == null ? Set.of() : found.keySet();
  }

  /** Whether an answer has changed since this was asked last. */
  boolean takeChanged() {
    boolean was = changed;
    changed = false;
    return was;
  }

  /** A group has its first address. */
  void add(Group group) {
    if (group.key().ports().isEmpty() || counts.isEmpty()) {
      return;
    }
    List<Query> its = new ArrayList<>(0);
    for (Query query : counts.keySet()) {
      if (query.of(group) != 0 && matcher.selects(query.base(), group)) {
        its.add(query);
        count(query, query.of(group), 1);
      }
    }
    if (!its.isEmpty()) {
      groups.put(group, its);
    }
  }

  /** It has lost its last one, or its namespace is about to have other labels. */
  void remove(Group group) {
    List<Query> its = groups.remove(group);
    if (its != null) {
      its.forEach(query -> count(query, query.of(group), -1));
    }
  }

  void add(Ip ip, Group group) {
    count(ip, group, 1);
  }

  void remove(Ip ip, Group group) {
    count(ip, group, -1);
  }

  private void count(Ip ip, Group group, int by) {
    for (Query query : ofBlocks) {
      if (query.of(group) != 0 && query.base().contains(ip)) {
        count(query, query.of(group), by);
      }
    }
  }

  private void count(Query query, int number, int by) {
    TreeMap<Integer, Integer> its = counts.get(query);
    if (its == null) {
      return;
    }
    int before = its.getOrDefault(number, 0);
    if (before + by == 0) {
      its.remove(number);
    } else {
      its.put(number, before + by);
    }
    changed |= before == 0 || before + by == 0;
  }

  /**
   * From now on these are asked, and no others.
   *
   * @param present all groups with addresses
   * @param addresses calls back for every address
   */
  void ask(
      Set<Query> queries, Collection<Group> present, Consumer<BiConsumer<Ip, Group>> addresses) {
    if (counts.keySet().equals(queries)) {
      return;
    }
    counts.clear();
    groups.clear();
    queries.forEach(query -> counts.put(query, new TreeMap<>()));
    ofBlocks = queries.stream().filter(query -> query.base().block() != null).toList();
    present.forEach(this::add);
    if (!ofBlocks.isEmpty()) {
      addresses.accept(this::add);
    }
    changed = false;
  }
}
