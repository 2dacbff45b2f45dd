// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile.policy;

import io.millrace.model.PodState.NamedPort;
import io.millrace.model.PolicyState;
import io.millrace.model.PolicyState.Block;
import io.millrace.model.PolicyState.Peer;
import io.millrace.model.PolicyState.PortName;
import io.millrace.model.PolicyState.PortRange;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The rules of one direction of a policy, made ready for the pods that it selects. */
final class Rules {
  static final Comparator<PortRange> PORTS =
      Comparator.comparing(PortRange::protocol)
          .thenComparing(PortRange::from)
          .thenComparing(PortRange::to);

  private static final Comparator<PortName> NAMES =
      Comparator.comparing(PortName::protocol).thenComparing(PortName::name);

  private final PolicyState policy;
  private final boolean isIngress;
  private final List<One> rules = new ArrayList<>();

  /**
   * One rule.
   *
   * @param bases whom it speaks of, as atoms; without peers, any pod: what named ports are asked of
   * @param anyPeer4 whether it speaks of all of IPv4 besides
   * @param ranges the ports that it has by number
   * @param names the ports that it has by name
   * @param known the bits that it was resolved to so far
   */
  private record One(
      int number,
      List<Atom> bases,
      boolean anyPeer4,
      boolean anyPeer6,
      boolean anyPort,
      List<PortRange> ranges,
      List<PortName> names,
      String peersText,
      Map<List<?>, RuleBit> known) {}

  Rules(PolicyState policy, boolean isIngress) {
    this.policy = policy;
    this.isIngress = isIngress;
    for (PolicyState.Rule rule : isIngress ? policy.ingress() : policy.egress()) {
      rules.add(one(rules.size(), rule));
    }
  }

  private One one(int number, PolicyState.Rule rule) {
    TreeSet<PortRange> ranges = new TreeSet<>(PORTS);
    TreeSet<PortName> names = new TreeSet<>(NAMES);
    for (PolicyState.Port port : rule.ports()) {
      if (port instanceof PortRange range) {
        ranges.add(range);
      } else if (port instanceof PortName name) {
        names.add(name);
      }
    }
    List<Peer> peers = rule.peers();
    List<Peer> asked = peers.isEmpty() ? List.of(Atom.ANY_POD) : peers;
    return new One(
        number,
        asked.stream().map(peer -> Atom.of(peer, policy.namespace())).distinct().sorted().toList(),
        isAny(peers, true),
        isAny(peers, false),
        rule.ports().isEmpty(),
        List.copyOf(ranges),
        List.copyOf(names),
        (isIngress ? "from " : "to ") + RuleText.peers(peers, policy.namespace()),
        new HashMap<>());
  }

  /** No peers are all peers, and so is a block of everything. */
  private static boolean isAny(List<Peer> peers, boolean v4) {
    return peers.isEmpty()
        || peers.stream()
            .anyMatch(
                peer ->
                    peer instanceof Block block
                        && block.isEverything()
                        && block.cidr().base().isV4() == v4);
  }

  PolicyState policy() {
    return policy;
  }

  /** What must be known of other pods' named ports; ingress asks none. */
  Collection<Numbers.Query> queries() {
    Set<Numbers.Query> queries = new TreeSet<>();
    if (!isIngress) {
      for (One rule : rules) {
        for (PortName name : rule.names()) {
          rule.bases().forEach(base -> queries.add(new Numbers.Query(base, name)));
        }
      }
    }
    return queries;
  }

  /** The bits for pods of a group, in order. */
  List<RuleBit> bits(Group subject, Numbers numbers) {
    List<RuleBit> bits = new ArrayList<>(rules.size());
    for (One rule : rules) {
      if (isIngress) {
        ingress(rule, subject, bits);
      } else {
        egress(rule, numbers, bits);
      }
    }
    return bits;
  }

  /** Names are those of the pod that the rule is for (policy P4). */
  private void ingress(One rule, Group subject, List<RuleBit> bits) {
    TreeSet<PortRange> ports = new TreeSet<>(PORTS);
    ports.addAll(rule.ranges());
    for (PortName name : rule.names()) {
      int number = subject.port(name.name(), name.protocol());
      if (number != 0) {
        ports.add(new PortRange(name.protocol(), number, number));
      }
    }
    addNumbered(rule, List.copyOf(ports), bits);
  }

  /** Names are those of each peer: a bit for each number that there is (policy P5). */
  private void egress(One rule, Numbers numbers, List<RuleBit> bits) {
    addNumbered(rule, rule.ranges(), bits);
    for (PortName name : rule.names()) {
      Set<Integer> found = new TreeSet<>();
      rule.bases().forEach(base -> found.addAll(numbers.of(new Numbers.Query(base, name))));
      for (int number : found) {
        NamedPort port = new NamedPort(name.name(), name.protocol(), number);
        List<Atom> peers =
            rule.bases().stream()
                .filter(base -> numbers.of(new Numbers.Query(base, name)).contains(number))
                .map(base -> base.with(port))
                .toList();
        List<PortRange> ports = List.of(new PortRange(name.protocol(), number, number));
        String text = " with " + name.name() + " = ";
        bits.add(
            rule.known()
                .computeIfAbsent(peers, each -> bit(rule, false, false, peers, ports, text)));
      }
    }
  }

  /** A rule without ports that anybody has is none. */
  private void addNumbered(One rule, List<PortRange> ports, List<RuleBit> bits) {
    if (rule.anyPort() || !ports.isEmpty()) {
      bits.add(
          rule.known()
              .computeIfAbsent(
                  ports,
                  each -> {
                    // A block of everything is said by the flags, and no peers are no atom.
                    List<Atom> peers =
                        rule.bases().stream().filter(base -> !isSaid(rule, base)).toList();
                    return bit(rule, rule.anyPeer4(), rule.anyPeer6(), peers, ports, "; ");
                  }));
    }
  }

  private static boolean isSaid(One rule, Atom base) {
    Block block = base.block();
    return block == null ? rule.anyPeer4() && rule.anyPeer6() : block.isEverything();
  }

  private RuleBit bit(
      One rule,
      boolean anyPeer4,
      boolean anyPeer6,
      List<Atom> peers,
      List<PortRange> ports,
      String between) {
    boolean anyPort = rule.anyPort();
    String text = rule.peersText() + between + RuleText.ports(anyPort, ports);
    return new RuleBit(
        new RuleOrigin(policy.namespace(), policy.name(), rule.number(), text),
        anyPeer4,
        anyPeer6,
        peers,
        anyPort,
        ports);
  }
}
