// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile.policy;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Atoms, in order. There is one object for the same ones: compare by identity. */
final class AtomSet {
  private final List<Atom> atoms;

  private AtomSet(List<Atom> atoms) {
    this.atoms = atoms;
  }

  List<Atom> atoms() {
    return atoms;
  }

  boolean isEmpty() {
    return atoms.isEmpty();
  }

  /** All sets that are in use. */
  static final class Pool {
    private static final int LARGE = 1 << 15;

    /** The empty one, of all pools. */
    static final AtomSet NONE = new AtomSet(List.of());

    private Map<List<Atom>, AtomSet> sets = new HashMap<>();
    private Map<Pair, AtomSet> unions = new HashMap<>();

    private record Pair(AtomSet first, AtomSet second) {}

    AtomSet of(Collection<Atom> atoms) {
      return atoms.isEmpty() ? NONE : same(new ArrayList<>(new TreeSet<>(atoms)));
    }

    AtomSet union(AtomSet first, AtomSet second) {
      if (second.isEmpty() || first == second) {
        return first;
      }
      if (first.isEmpty()) {
        return second;
      }
      return unions.computeIfAbsent(new Pair(first, second), this::union);
    }

    private AtomSet union(Pair pair) {
      TreeSet<Atom> both = new TreeSet<>(pair.first().atoms);
      both.addAll(pair.second().atoms);
      return same(new ArrayList<>(both));
    }

    private AtomSet same(List<Atom> atoms) {
      return sets.computeIfAbsent(List.copyOf(atoms), AtomSet::new);
    }

    /** Whether there is more to forget than it costs. */
    boolean isLarge() {
      return unions.size() + sets.size() > LARGE;
    }

    /** Forgets all that is not among these, and how others came about. */
    void retain(Collection<AtomSet> used) {
      Map<List<Atom>, AtomSet> rest = new HashMap<>();
      used.stream().filter(set -> !set.isEmpty()).forEach(set -> rest.put(set.atoms, set));
      sets = rest;
      unions = new HashMap<>();
    }
  }
}
