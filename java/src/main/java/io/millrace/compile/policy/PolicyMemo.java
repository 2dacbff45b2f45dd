// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile.policy;

import io.millrace.compile.policy.PeerClasses.PeerClass;
import io.millrace.model.Cidr;
import io.millrace.model.ClusterImage;
import io.millrace.model.Ip;
import io.millrace.model.ObjectKey;
import io.millrace.model.PolicyState;
import io.millrace.model.PolicyState.PortRange;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;

/**
 * All that is known of policies, kept so that a change costs what it touches: an address that moves
 * between classes one write, a policy its subjects. A change of what is asked at all goes over all
 * groups of pods, and over their addresses, but never over pods × selectors.
 */
final class PolicyMemo {
  private final Ids ids;
  private final Coverage coverage;
  private final AtomSet.Pool pool = new AtomSet.Pool();
  private final LabelKeys labelKeys = new LabelKeys();
  private final Matcher matcher = new Matcher(pool);
  private final Numbers numbers = new Numbers(matcher);
  private final Population population;
  private final PeerClasses classes;
  private final RuleSets sets;
  private final Selection selection;

  private ClusterImage image = ClusterImage.EMPTY;
  private Collection<RuleSet> live = List.of();
  private BlockTree blocks;
  private Map<Cidr, PeerClass> blockClasses = new TreeMap<>();
  private PortIndex ports;
  private boolean portsChanged;
  private Map<Ip, Subject> subjects = Map.of();

  /** Blocks that are asked for with a named port: only pods are among them. */
  private List<Atom> namedBlocks = List.of();

  private PMap<Ip, Long> peers = HashTreePMap.empty();
  private PolicyTables tables = PolicyTables.EMPTY;
  private boolean first = true;

  PolicyMemo(String nodeName, Ids ids, Coverage coverage) {
    this.ids = ids;
    this.coverage = coverage;
    population = new Population(nodeName, labelKeys, matcher, numbers);
    classes = new PeerClasses(pool, ids);
    sets = new RuleSets(ids);
    selection = new Selection(sets, numbers);
    blocks = new BlockTree(Set.of(), coverage, pool);
    ports = new PortIndex(Set.of(), coverage, ids);
  }

  /** The tables of an image that differs from the one before in these objects. */
  PolicyTables update(
      ClusterImage after,
      Collection<ObjectKey> pods,
      Collection<String> namespaces,
      Collection<ObjectKey> policies) {
    ClusterImage before = image;
    image = after;
    boolean relabelled = relabel(before, namespaces);
    boolean more = false;
    for (ObjectKey key : policies) {
      PolicyState policy = after.policy(key);
      more |= policy != null && labelKeys.add(policy);
    }
    Population.Touched touched = population.update(before, after, pods, more, ip -> blocks.at(ip));
    selection.inherit(touched.heirs());
    boolean selected = touched.subjects();
    for (ObjectKey policy : policies) {
      if (Selection.concerns(policy, before, after, population.localGroups())) {
        selection.forget(policy.namespace());
        selected = true;
      }
    }
    boolean renumbered = numbers.takeChanged();
    boolean asked = renumbered || selected || relabelled || first;
    boolean all = asked && (ask() || relabelled);
    Set<Ip> moved = new HashSet<>();
    classify(all ? List.copyOf(population.members().keySet()) : touched.addresses(), moved);
    for (ObjectKey key : policies) { // last: they count for whom they have selected until now
      PolicyState policy = before.policy(key);
      if (policy != null) {
        labelKeys.remove(policy);
      }
    }
    return tables(moved, asked);
  }

  /** Namespaces have other labels or annotations. Returns whether any has. */
  private boolean relabel(ClusterImage before, Collection<String> namespaces) {
    List<String> changed = new ArrayList<>(0);
    for (String name : namespaces) {
      if (!before.namespace(name).equals(image.namespace(name))) {
        changed.add(name);
        selection.forget(name);
      }
    }
    List<Group> groups =
        changed.isEmpty()
            ? List.of()
            : population.groups().stream()
                .filter(group -> changed.contains(group.namespace()))
                .toList();
    groups.forEach(numbers::remove);
    matcher.set(image);
    groups.stream().filter(group -> group.members > 0).forEach(numbers::add);
    groups.forEach(group -> group.atoms = matcher.of(group));
    return !changed.isEmpty();
  }

  /** Finds out what is asked. Returns whether addresses may be in other classes because of it. */
  private boolean ask() {
    Set<Numbers.Query> queries = selection.select(image, population.localGroups());
    numbers.ask(queries, population.present(), population::eachAddress);
    sets.begin();
    Map<Ip, Subject> now = new TreeMap<>();
    Map<Group, Subject> byGroup = new HashMap<>();
    population
        .locals()
        .forEach((ip, group) -> now.put(ip, byGroup.computeIfAbsent(group, selection::subject)));
    live = sets.end();
    subjects = now.equals(subjects) ? subjects : Map.copyOf(now);
    Set<Atom> atoms = new HashSet<>();
    Set<PortRange> ranges = new HashSet<>();
    for (RuleSet set : live) {
      atoms.addAll(set.atoms());
      ranges.addAll(set.ranges());
    }
    portsChanged = !ranges.equals(ports.ranges());
    if (portsChanged) {
      ports = new PortIndex(ranges, coverage, ids);
    }
    return askAtoms(atoms);
  }

  private boolean askAtoms(Set<Atom> atoms) {
    Set<Atom> ofBlocks = new HashSet<>();
    List<Atom> named = new ArrayList<>();
    Set<Atom> ofPods = new HashSet<>();
    for (Atom atom : atoms) {
      if (atom.block() == null) {
        ofPods.add(atom);
      } else if (atom.asksAll()) {
        ofBlocks.add(atom);
      } else {
        named.add(atom);
      }
    }
    named.sort(null);
    boolean changed = matcher.ask(ofPods, population.groups());
    changed |= !named.equals(namedBlocks);
    namedBlocks = named;
    if (!ofBlocks.equals(blocks.blocks())) {
      changed = true;
      blocks = new BlockTree(ofBlocks, coverage, pool);
      population.members().forEach((ip, member) -> member.blocks = blocks.at(ip));
      Map<Cidr, PeerClass> old = blockClasses;
      blockClasses = new TreeMap<>();
      blocks
          .prefixes()
          .forEach(
              (prefix, holding) -> {
                PeerClass its = classes.take(AtomSet.Pool.NONE, holding);
                if (its != null) {
                  blockClasses.put(prefix, its);
                }
              });
      old.values().forEach(classes::release);
    }
    return changed;
  }

  /** Puts addresses into the classes that they are in. */
  private void classify(Collection<Ip> addresses, Set<Ip> moved) {
    for (Ip ip : addresses) {
      Population.Member member = population.members().get(ip);
      if (member == null) {
        continue;
      }
      Group group = member.group;
      PeerClass before = member.peerClass;
      PeerClass after = group == null ? null : classes.take(labels(ip, group), inBlocks(member));
      classes.release(before);
      member.peerClass = after;
      if (group == null) {
        population.members().remove(ip);
      }
      if (!Objects.equals(before, after)) {
        peers = after == null ? peers.minus(ip) : peers.plus(ip, after.id());
        moved.add(ip);
      }
    }
  }

  private AtomSet inBlocks(Population.Member member) {
    return coverage.podsAreInBlocks() ? member.blocks : AtomSet.Pool.NONE;
  }

  private AtomSet labels(Ip ip, Group group) {
    AtomSet named = AtomSet.Pool.NONE;
    if (!namedBlocks.isEmpty()) {
      named =
          pool.of(
              namedBlocks.stream()
                  .filter(atom -> atom.hasPort(group) && atom.contains(ip))
                  .toList());
    }
    return pool.union(group.atoms, named);
  }

  private PolicyTables tables(Set<Ip> moved, boolean asked) {
    List<PeerClass> changed = classes.takeChanged();
    boolean rows = asked || !changed.isEmpty();
    Map<Long, PolicySet> now = tables.sets();
    if (rows) {
      Map<Long, PolicySet> all = new HashMap<>();
      for (RuleSet set : live) {
        set.refresh(classes, changed, ports, portsChanged);
        all.put(set.id(), set.table());
      }
      now = all;
    }
    portsChanged = false;
    subjectsMoved(moved);
    PolicyTables after =
        new PolicyTables(
            asked ? universe() : tables.universe(),
            first,
            moved,
            subjects,
            peers,
            asked ? blockIds() : tables.blocks(),
            ports.classes(),
            now,
            asked ? selection.problems() : tables.problems());
    if (first || after.differsFrom(tables)) {
      tables = after;
    }
    first = false;
    if (asked || pool.isLarge()) {
      forget();
    }
    return tables;
  }

  private void forget() {
    Set<AtomSet> used = new HashSet<>(classes.atomSets());
    used.addAll(blocks.prefixes().values());
    population.groups().forEach(group -> used.add(group.atoms));
    pool.retain(used);
  }

  private void subjectsMoved(Set<Ip> moved) {
    if (subjects != tables.subjects()) {
      Set<Ip> either = new HashSet<>(subjects.keySet());
      either.addAll(tables.subjects().keySet());
      for (Ip ip : either) {
        if (!Objects.equals(subjects.get(ip), tables.subjects().get(ip))) {
          moved.add(ip);
        }
      }
    }
  }

  private Map<Cidr, Long> blockIds() {
    Map<Cidr, Long> all = new HashMap<>();
    for (Cidr prefix : blocks.prefixes().keySet()) {
      PeerClass its = blockClasses.get(prefix);
      all.put(prefix, its == null ? 0 : its.id());
    }
    return all.equals(tables.blocks()) ? tables.blocks() : all;
  }

  /** The same whatever the order, so that it can be added up. */
  private long universe() {
    long sum = 0;
    Set<Atom> atoms = new HashSet<>();
    for (RuleSet set : live) {
      sum += set.id() * 0x9e3779b97f4a7c15L;
      atoms.addAll(set.atoms());
    }
    for (Atom atom : atoms) {
      sum += atom.id(ids);
    }
    for (PortRange range : ports.ranges()) {
      sum += ids.of("range", new Canonical().add(range).toString());
    }
    return sum;
  }
}
