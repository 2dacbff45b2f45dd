// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile.policy;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** All sets in use. Pods with the same rules have the same. */
final class RuleSets {
  /** How many rules a pod may have in a direction. */
  static final int MAX_BITS = PolicySet.CHAIN * Bits.SIZE;

  private final Ids ids;
  private final Map<Key, List<RuleSet>> chains = new HashMap<>();
  private final Map<Long, RuleSet> sets = new HashMap<>();
  private final Set<Key> used = new HashSet<>();

  /** What a pod's direction consists of. */
  private record Key(List<RuleBit> bits, List<String> policies, boolean audit) {}

  RuleSets(Ids ids) {
    this.ids = ids;
  }

  /** Collects anew which sets are used. */
  void begin() {
    used.clear();
  }

  /**
   * The id of the first set of these rules.
   *
   * @param bits {@link #MAX_BITS} at most
   */
  long of(List<RuleBit> bits, List<String> policies, boolean audit) {
    Key key = new Key(List.copyOf(bits), List.copyOf(policies), audit);
    used.add(key);
    return chains.computeIfAbsent(key, this::chain).get(0).id();
  }

  /** What has not been used since {@link #begin} goes. Returns what is left. */
  Collection<RuleSet> end() {
    chains.keySet().retainAll(used);
    Set<RuleSet> kept = new HashSet<>();
    chains.values().forEach(kept::addAll);
    sets.values().retainAll(kept);
    return sets.values();
  }

  /** Parts of at most {@link Bits#SIZE} rules, the last one first, since the others name it. */
  private List<RuleSet> chain(Key key) {
    List<RuleSet> chain = new ArrayList<>(1);
    int parts = Math.max(1, (key.bits().size() + Bits.SIZE - 1) / Bits.SIZE);
    long next = 0;
    for (int part = parts - 1; part >= 0; part--) {
      int from = part * Bits.SIZE;
      int to = Math.min(from + Bits.SIZE, key.bits().size());
      RuleSet set = set(key, key.bits().subList(from, to), next);
      chain.add(0, set);
      next = set.id();
    }
    return chain;
  }

  private RuleSet set(Key key, List<RuleBit> bits, long next) {
    Canonical text = new Canonical().add(key.audit()).add(next).add(key.policies().size());
    key.policies().forEach(text::add);
    bits.forEach(bit -> bit.addTo(text));
    String content = text.toString();
    long id = ids.of("set", content);
    RuleSet same = sets.get(id);
    if (same != null && !same.content().equals(content)) {
      throw new Ids.Collision("set");
    }
    if (same == null || !same.isInWordsOf(bits)) {
      same = new RuleSet(id, content, bits, next, key.audit(), key.policies());
      sets.put(id, same);
    }
    return same;
  }
}
