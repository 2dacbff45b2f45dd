// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile.policy;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The classes that addresses are in: sets of atoms that hold of somebody, by a name. */
final class PeerClasses {
  private final AtomSet.Pool pool;
  private final Ids ids;
  private final Map<AtomSet, PeerClass> classes = new HashMap<>();
  private final Map<Long, AtomSet> names = new HashMap<>();
  private final Map<Atom, Set<PeerClass>> byAtom = new HashMap<>();
  private final Map<Long, Atom> atomNames = new HashMap<>();

  /** Classes that came or went since this was asked last. */
  private final Set<PeerClass> changed = new HashSet<>();

  /** One class, as long as an address or a prefix has it. */
  static final class PeerClass {
    private final long id;
    private final AtomSet atoms;
    private int members;

    PeerClass(long id, AtomSet atoms) {
      this.id = id;
      this.atoms = atoms;
    }

    long id() {
      return id;
    }

    AtomSet atoms() {
      return atoms;
    }

    boolean isUsed() {
      return members > 0;
    }
  }

  PeerClasses(AtomSet.Pool pool, Ids ids) {
    this.pool = pool;
    this.ids = ids;
  }

  /** The class of which all of these hold; null if none does. One more has it. */
  @Nullable PeerClass take(AtomSet labels, AtomSet blocks) {
    AtomSet atoms = pool.union(labels, blocks);
    if (atoms.isEmpty()) {
      return null;
    }
    PeerClass found = classes.get(atoms);
    if (found == null) {
      found = new PeerClass(name(atoms), atoms);
      add(found);
    }
    found.members++;
    return found;
  }

  /** One less has it. */
  void release(@Nullable PeerClass peerClass) {
    if (peerClass != null && --peerClass.members == 0) {
      remove(peerClass);
    }
  }

  private long name(AtomSet atoms) {
    Canonical content = new Canonical();
    for (Atom atom : atoms.atoms()) {
      long id = atom.id(ids);
      Atom other = atomNames.putIfAbsent(id, atom);
      if (other != null && !other.equals(atom)) {
        throw new Ids.Collision("atom");
      }
      content.add(id);
    }
    return ids.of("class", content.toString());
  }

  private void add(PeerClass added) {
    if (names.putIfAbsent(added.id, added.atoms) != null) {
      throw new Ids.Collision("class");
    }
    classes.put(added.atoms, added);
    for (Atom atom : added.atoms.atoms()) {
      byAtom.computeIfAbsent(atom, each -> new HashSet<>()).add(added);
    }
    changed.add(added);
  }

  private void remove(PeerClass gone) {
    classes.remove(gone.atoms);
    names.remove(gone.id);
    for (Atom atom : gone.atoms.atoms()) {
      Set<PeerClass> its = byAtom.get(atom);
      if (its != null && its.remove(gone) && its.isEmpty()) {
        byAtom.remove(atom);
        atomNames.remove(atom.id(ids));
      }
    }
    changed.add(gone);
  }

  /** Those that an atom holds of. */
  Collection<PeerClass> with(Atom atom) {
    return byAtom.getOrDefault(atom, Set.of());
  }

  /** Those that came or went since this was asked last. */
  List<PeerClass> takeChanged() {
    List<PeerClass> taken = new ArrayList<>(changed);
    changed.clear();
    return taken;
  }

  Collection<AtomSet> atomSets() {
    return classes.keySet();
  }
}
