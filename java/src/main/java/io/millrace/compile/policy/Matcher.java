// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile.policy;

import io.millrace.model.ClusterImage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which of the questions that are asked hold of a group of pods. */
final class Matcher {
  private final AtomSet.Pool pool;
  private ClusterImage image = ClusterImage.EMPTY;

  /** Questions by labels; those by blocks are others' business. */
  private Set<Atom> asked = Set.of();

  Matcher(AtomSet.Pool pool) {
    this.pool = pool;
  }

  /** Namespaces are as they are here. */
  void set(ClusterImage now) {
    image = now;
  }

  boolean selects(Atom atom, Group group) {
    return atom.selects(group, labels(group));
  }

  private Map<String, String> labels(Group group) {
    return image.namespace(group.namespace()).labels();
  }

  /** What holds of a group. */
  AtomSet of(Group group) {
    return pool.of(holding(asked, group));
  }

  private List<Atom> holding(Set<Atom> atoms, Group group) {
    Map<String, String> labels = labels(group);
    List<Atom> holding = new ArrayList<>();
    for (Atom atom : atoms) {
      if (atom.selects(group, labels) && atom.hasPort(group)) {
        holding.add(atom);
      }
    }
    return holding;
  }

  /**
   * From now on these are asked, and no others.
   *
   * @return whether the answer of any group is different
   */
  boolean ask(Set<Atom> atoms, Iterable<Group> groups) {
    Set<Atom> added = new HashSet<>(atoms);
    added.removeAll(asked);
    Set<Atom> removed = new HashSet<>(asked);
    removed.removeAll(atoms);
    asked = Set.copyOf(atoms);
    if (added.isEmpty() && removed.isEmpty()) {
      return false;
    }
    boolean changed = false;
    for (Group group : groups) {
      List<Atom> more = holding(added, group);
      List<Atom> kept = new ArrayList<>(group.atoms.atoms());
      boolean less = kept.removeAll(removed);
      if (less || !more.isEmpty()) {
        kept.addAll(more);
        group.atoms = pool.of(kept);
        changed = true;
      }
    }
    return changed;
  }
}
