// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.bpf.abi.EndpointFlag;
import io.millrace.compile.NodeTables;
import io.millrace.compile.policy.Bits;
import io.millrace.compile.policy.PolicySet;
import io.millrace.compile.policy.PolicyTables;
import io.millrace.compile.policy.PortClasses;
import io.millrace.compile.policy.RuleOrigin;
import io.millrace.compile.policy.Subject;
import io.millrace.fake.FakeDataplane;
import io.millrace.model.Cidr;
import io.millrace.model.Ip;
import io.millrace.model.Problem;
import io.millrace.model.Protocol;
import io.millrace.reconcile.PolicyView.Question;
import io.millrace.reconcile.PolicyView.Verdict;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;

/** An agent of a node with one pod, over a fake kernel. */
abstract class PolicyAgent {
  static final long SECOND_NS = 1_000_000_000L;
  static final Ip POD = Ip.parse("10.1.0.1");
  static final Ip FRIEND = Ip.parse("10.2.0.1");
  static final Ip STRANGER = Ip.parse("10.2.0.2");
  static final Cidr RANGE4 = Cidr.parse("10.1.0.0/24");
  static final Cidr RANGE6 = Cidr.parse("fd00:1::/64");
  static final int DEVICE = 7;

  FakeDataplane kernel = new FakeDataplane();
  PolicyOptions options = PolicyOptions.DEFAULT;
  final Set<Integer> standing = new HashSet<>(Set.of(DEVICE));
  NodeTables node = node(DEVICE, Set.of(RANGE4, RANGE6));
  long nowNs = 5 * SECOND_NS;
  PolicyReconciler reconciler = agent();

  PolicyReconciler agent() {
    PolicyReconciler made =
        new PolicyReconciler(kernel, options, new BatchBuffers(), standing::contains, () -> nowNs);
    made.load();
    return made;
  }

  static NodeTables node(int ifindex, Set<Cidr> ranges) {
    return new NodeTables(
        Map.of(POD, new NodeTables.Endpoint(ifindex, EndpointFlag.ENDPOINT_POD)),
        Set.of(),
        Map.of(),
        Map.of(),
        Map.of(),
        Map.of(),
        Map.of(),
        Map.of(),
        ranges,
        List.of());
  }

  /** The pod lets these peers in, by a set of this id; 0 = it is open. */
  static PolicyTables letsIn(long set, Ip... peers) {
    PMap<Ip, Long> classes = HashTreePMap.empty();
    Map<Long, Bits> rows = new HashMap<>();
    for (Ip peer : peers) {
      classes = classes.plus(peer, 100 + peer.lo());
      rows.put(100 + peer.lo(), Bits.of(0));
    }
    return new PolicyTables(
        set,
        true,
        Set.of(),
        Map.of(POD, new Subject(set, 0)),
        classes,
        Map.of(),
        PortClasses.NONE,
        set == 0 ? Map.of() : Map.of(set, set(set, rows)),
        List.of());
  }

  /** One rule, for some classes and all ports. */
  static PolicySet set(long id, Map<Long, Bits> rows) {
    return new PolicySet(
        id,
        Bits.NONE,
        Bits.NONE,
        Bits.of(0),
        0,
        false,
        rows,
        Map.of(),
        List.of(new RuleOrigin("test", "in", 0, "from friends")),
        List.of("test/in"));
  }

  void apply(PolicyTables tables) {
    reconciler.submit(tables, node);
    reconciler.write(nowNs);
  }

  /** Time passes, and what becomes due is done. */
  void advance(long ns) {
    long end = nowNs + ns;
    long wait = reconciler.waitNs(nowNs);
    while (wait != Long.MAX_VALUE && nowNs + wait <= end) {
      nowNs += Math.max(wait, 1);
      reconciler.write(nowNs);
      wait = reconciler.waitNs(nowNs);
    }
    nowNs = end;
    reconciler.write(nowNs);
  }

  Verdict ingress(Ip from) {
    return new PolicyView(kernel).verdict(new Question(POD, true, from, Protocol.TCP, 80));
  }

  Verdict egress(Ip to) {
    return new PolicyView(kernel).verdict(new Question(POD, false, to, Protocol.TCP, 80));
  }

  @Nullable GuardEntry guard() {
    return new PolicyView(kernel).guard;
  }

  boolean guardHas(int flag) {
    GuardEntry guard = guard();
    return guard != null && guard.has(flag);
  }

  int epoch() {
    GuardEntry guard = guard();
    return guard == null ? 0 : guard.epoch();
  }

  List<String> problems() {
    return reconciler.problems().stream().map(Problem::toString).toList();
  }
}
