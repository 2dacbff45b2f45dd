// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.compile.NodeTables;
import io.millrace.compile.policy.Bits;
import io.millrace.compile.policy.PolicySet;
import io.millrace.compile.policy.PolicyTables;
import io.millrace.compile.policy.PortClasses;
import io.millrace.compile.policy.RuleOrigin;
import io.millrace.compile.policy.Subject;
import io.millrace.model.Cidr;
import io.millrace.model.Ip;
import io.millrace.model.Protocol;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;

/**
 * A small cluster that changes at random, and what policies make of it: tables of the same form as
 * the real compiler's, so that what is tested is the way into the kernel alone.
 */
final class PolicyWorld {
  static final List<Ip> LOCAL = ips("10.1.0.1", "10.1.0.2", "10.1.0.3", "fd00:1::1", "fd00:1::2");
  static final List<Ip> REMOTE = ips("10.2.0.1", "10.2.0.2", "fd00:2::1");
  static final List<Ip> OUTSIDE =
      ips(
          "192.0.2.1",
          "192.0.2.129",
          "192.0.2.200",
          "198.51.100.1",
          "2001:db8::1",
          "2001:db8:1::1");
  static final int[] PORTS = {80, 8080};

  /** Its blocks are where the pods of LOCAL are: they are closed while they have no entry. */
  static final NodeTables NODE =
      new NodeTables(
          Map.of(),
          Set.of(),
          Map.of(),
          Map.of(),
          Map.of(),
          Map.of(),
          Map.of(),
          Map.of(),
          Set.of(Cidr.parse("10.1.0.0/24"), Cidr.parse("fd00:1::/64")),
          List.of());

  /** Those of pods come first. */
  private static final List<Cidr> BLOCKS =
      List.of(
          Cidr.parse("10.0.0.0/8"),
          Cidr.parse("10.1.0.0/30"),
          Cidr.parse("10.2.0.0/24"),
          Cidr.parse("fd00::/16"),
          Cidr.parse("192.0.2.0/24"),
          Cidr.parse("192.0.2.128/25"),
          Cidr.parse("192.0.2.192/26"),
          Cidr.parse("2001:db8::/32"),
          Cidr.parse("2001:db8:1::/48"));

  private static final int POD_BLOCKS = 4;

  final Random random;
  private final Map<Ip, Integer> labels = new TreeMap<>();
  private final List<Policy> policies = new ArrayList<>();
  private PolicyTables tables = PolicyTables.EMPTY;

  /** Label {@code label} if it is not negative, else a block without its excepts. */
  private record Atom(int label, @Nullable Cidr block, List<Cidr> excepts) {
    boolean has(Ip ip, int labels) {
      return block == null
          ? labels >= 0 && (labels >> label & 1) != 0
          : covers(new Cidr(ip, ip.bits()));
    }

    boolean covers(Cidr prefix) {
      return block != null
          && inside(prefix, block)
          && excepts.stream().noneMatch(except -> inside(prefix, except));
    }
  }

  /** No atoms: everybody. No ports: all. */
  private record Rule(List<Atom> peers, @Nullable Protocol protocol, int from, int to) {}

  private record Policy(int label, boolean ingress, boolean audit, List<Rule> rules) {}

  PolicyWorld(long seed) {
    random = new Random(seed);
  }

  PolicyTables tables() {
    return tables;
  }

  /** Something happens, or several things. */
  PolicyTables change() {
    for (int i = random.nextInt(3); i >= 0; i--) {
      switch (random.nextInt(4)) {
        case 0 -> policies.add(policy());
        case 1 -> {
          if (!policies.isEmpty()) {
            policies.remove(random.nextInt(policies.size()));
          }
        }
        default -> {
          List<Ip> all = new ArrayList<>(LOCAL);
          all.addAll(REMOTE);
          Ip ip = all.get(random.nextInt(all.size()));
          if (random.nextInt(3) == 0) {
            labels.remove(ip);
          } else {
            labels.put(ip, random.nextInt(8));
          }
        }
      }
    }
    tables = compile(tables);
    return tables;
  }

  private Policy policy() {
    List<Rule> rules = new ArrayList<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      List<Atom> peers = new ArrayList<>();
      for (int j = random.nextInt(3); j > 0; j--) {
        peers.add(atom());
      }
      Protocol protocol =
          random.nextBoolean() ? null : (random.nextBoolean() ? Protocol.TCP : Protocol.UDP);
      int from = PORTS[random.nextInt(PORTS.length)];
      rules.add(new Rule(peers, protocol, from, from + random.nextInt(3)));
    }
    return new Policy(random.nextInt(4) - 1, random.nextBoolean(), random.nextInt(6) == 0, rules);
  }

  private Atom atom() {
    if (random.nextBoolean()) {
      return new Atom(random.nextInt(3), null, List.of());
    }
    Cidr block = BLOCKS.get(random.nextInt(random.nextBoolean() ? BLOCKS.size() : POD_BLOCKS));
    return new Atom(
        -1,
        block,
        BLOCKS.stream()
            .filter(each -> !each.equals(block) && inside(each, block) && random.nextBoolean())
            .toList());
  }

  private static boolean inside(Cidr inner, Cidr outer) {
    return inner.prefix() >= outer.prefix() && outer.contains(inner.base());
  }

  // ---- what a compiler does -------------------------------------------------------------------

  private PolicyTables compile(PolicyTables before) {
    Map<Ip, Subject> subjects = new HashMap<>();
    Map<Long, List<Rule>> contents = new TreeMap<>();
    Map<Long, Boolean> audited = new HashMap<>();
    for (Ip ip : LOCAL) {
      Integer own = labels.get(ip);
      if (own != null) {
        subjects.put(
            ip, new Subject(set(own, true, contents, audited), set(own, false, contents, audited)));
      }
    }
    Set<Atom> atoms = new HashSet<>();
    Map<Protocol, TreeSet<Integer>> bounds = new EnumMap<>(Protocol.class);
    contents.values().forEach(rules -> rules.forEach(rule -> note(rule, atoms, bounds)));
    Map<Long, Set<Atom>> classes = new HashMap<>();
    PMap<Ip, Long> peers = HashTreePMap.empty();
    for (Map.Entry<Ip, Integer> pod : labels.entrySet()) {
      Set<Atom> mine = new HashSet<>(atoms);
      mine.removeIf(atom -> !atom.has(pod.getKey(), pod.getValue()));
      peers = mine.isEmpty() ? peers : peers.plus(pod.getKey(), classOf(mine, classes));
    }
    Map<Cidr, Long> blocks = new HashMap<>();
    for (Atom each : atoms) {
      List<Cidr> prefixes = new ArrayList<>(each.excepts());
      prefixes.add(each.block());
      for (Cidr prefix : prefixes) {
        if (prefix != null) {
          Set<Atom> mine = new HashSet<>(atoms);
          mine.removeIf(atom -> !atom.covers(prefix));
          blocks.put(prefix, classOf(mine, classes));
        }
      }
    }
    Map<Integer, Set<Rule>> portContents = new HashMap<>();
    PortClasses ports = ports(contents, bounds, portContents);
    Map<Long, PolicySet> sets = new HashMap<>();
    contents.forEach(
        (id, rules) -> {
          PolicySet set = set(id, rules, audited.getOrDefault(id, false), classes, portContents);
          PolicySet old = before.sets().get(id);
          sets.put(id, set.equals(old) ? old : set);
        });
    Set<Ip> moved = new HashSet<>(LOCAL);
    moved.addAll(REMOTE);
    PMap<Ip, Long> now = peers;
    moved.removeIf(
        ip ->
            Objects.equals(now.get(ip), before.peers().get(ip))
                && Objects.equals(subjects.get(ip), before.subjects().get(ip)));
    return new PolicyTables(
        Objects.hash(sets.keySet(), atoms, ports),
        before.complete() && before.subjects().isEmpty(),
        moved,
        subjects,
        peers,
        blocks.equals(before.blocks()) ? before.blocks() : blocks,
        ports.equals(before.ports()) ? before.ports() : ports,
        sets,
        List.of());
  }

  private long set(
      int own, boolean ingress, Map<Long, List<Rule>> contents, Map<Long, Boolean> audited) {
    List<Policy> mine =
        policies.stream()
            .filter(each -> each.ingress() == ingress)
            .filter(each -> each.label() < 0 || (own >> each.label() & 1) != 0)
            .toList();
    List<Policy> enforcing = mine.stream().filter(each -> !each.audit()).toList();
    if (mine.isEmpty()) {
      return 0;
    }
    boolean audit = enforcing.isEmpty();
    List<Rule> rules =
        (audit ? mine : enforcing).stream().flatMap(each -> each.rules().stream()).toList();
    long id = id(audit + " " + rules);
    contents.put(id, rules);
    audited.put(id, audit);
    return id;
  }

  private static void note(Rule rule, Set<Atom> atoms, Map<Protocol, TreeSet<Integer>> bounds) {
    atoms.addAll(rule.peers());
    if (rule.protocol() != null) {
      TreeSet<Integer> mine = bounds.computeIfAbsent(rule.protocol(), key -> new TreeSet<>());
      mine.add(rule.from());
      mine.add(rule.to() + 1);
    }
  }

  private static PortClasses ports(
      Map<Long, List<Rule>> contents,
      Map<Protocol, TreeSet<Integer>> bounds,
      Map<Integer, Set<Rule>> portContents) {
    Map<Protocol, List<PortClasses.Range>> ranges = new EnumMap<>(Protocol.class);
    bounds.forEach(
        (protocol, cuts) -> {
          List<PortClasses.Range> mine = new ArrayList<>();
          for (int from : cuts) {
            Integer end = cuts.higher(from);
            Set<Rule> rules = new HashSet<>();
            contents.values().forEach(rules::addAll);
            rules.removeIf(
                each -> each.protocol() != protocol || each.from() > from || each.to() < from);
            if (end != null && !rules.isEmpty()) {
              int id =
                  (int)
                      id(
                          protocol
                              + " "
                              + new TreeSet<>(rules.stream().map(Rule::toString).toList()));
              portContents.put(id, rules);
              mine.add(new PortClasses.Range(from, end - 1, id));
            }
          }
          ranges.put(protocol, mine);
        });
    return new PortClasses(ranges);
  }

  private static PolicySet set(
      long id,
      List<Rule> rules,
      boolean audit,
      Map<Long, Set<Atom>> classes,
      Map<Integer, Set<Rule>> portContents) {
    Bits anyPeer = Bits.NONE;
    Bits anyPort = Bits.NONE;
    Map<Long, Bits> peerRows = new HashMap<>();
    Map<Integer, Bits> portRows = new HashMap<>();
    List<RuleOrigin> origins = new ArrayList<>();
    for (int bit = 0; bit < rules.size(); bit++) {
      Rule rule = rules.get(bit);
      Bits one = Bits.of(bit);
      origins.add(new RuleOrigin("test", "p", bit, rule.toString()));
      anyPeer = rule.peers().isEmpty() ? anyPeer.or(one) : anyPeer;
      anyPort = rule.protocol() == null ? anyPort.or(one) : anyPort;
      classes.forEach(
          (peerClass, atoms) -> {
            if (rule.peers().stream().anyMatch(atoms::contains)) {
              peerRows.merge(peerClass, one, Bits::or);
            }
          });
      portContents.forEach(
          (portClass, each) -> {
            if (each.contains(rule)) {
              portRows.merge(portClass, one, Bits::or);
            }
          });
    }
    return new PolicySet(
        id, anyPeer, anyPeer, anyPort, 0, audit, peerRows, portRows, origins, List.of("test/p"));
  }

  private static long classOf(Set<Atom> atoms, Map<Long, Set<Atom>> classes) {
    if (atoms.isEmpty()) {
      return 0;
    }
    long id = id(new TreeSet<>(atoms.stream().map(Atom::toString).toList()).toString());
    classes.put(id, atoms);
    return id;
  }

  private static long id(String text) {
    long id = 1125899906842597L;
    for (int i = 0; i < text.length(); i++) {
      id = 31 * id + text.charAt(i);
    }
    return id | 1;
  }

  private static List<Ip> ips(String... texts) {
    return List.of(texts).stream().map(Ip::parse).toList();
  }
}
