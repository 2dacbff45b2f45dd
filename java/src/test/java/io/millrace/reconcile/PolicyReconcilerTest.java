// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.bpf.MapName;
import io.millrace.bpf.abi.EndpointFlag;
import io.millrace.bpf.abi.GuardFlag;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;

/**
 * What becomes of policies when the kernel is full, refuses, or has been tampered with; the guard.
 */
final class PolicyReconcilerTest {
  private static final long SECOND_NS = 1_000_000_000L;
  private static final Ip POD = Ip.parse("10.1.0.1");
  private static final Ip FRIEND = Ip.parse("10.2.0.1");
  private static final Ip STRANGER = Ip.parse("10.2.0.2");
  private static final Cidr RANGE4 = Cidr.parse("10.1.0.0/24");
  private static final Cidr RANGE6 = Cidr.parse("fd00:1::/64");
  private static final int DEVICE = 7;

  private FakeDataplane kernel = new FakeDataplane();
  private PolicyOptions options = PolicyOptions.DEFAULT;
  private final Set<Integer> standing = new HashSet<>(Set.of(DEVICE));
  private NodeTables node = node(DEVICE, Set.of(RANGE4, RANGE6));
  private long nowNs = 5 * SECOND_NS;
  private PolicyReconciler reconciler = agent();

  private PolicyReconciler agent() {
    PolicyReconciler made =
        new PolicyReconciler(kernel, options, new BatchBuffers(), standing::contains, () -> nowNs);
    made.load();
    return made;
  }

  private static NodeTables node(int ifindex, Set<Cidr> ranges) {
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
  private static PolicyTables letsIn(long set, Ip... peers) {
    PMap<Ip, Long> classes = HashTreePMap.empty();
    Map<Long, Bits> rows = new HashMap<>();
    for (Ip peer : peers) {
      classes = classes.plus(peer, 100 + peer.lo());
      rows.put(100 + peer.lo(), Bits.of(0));
    }
    PolicySet only =
        new PolicySet(
            set,
            Bits.NONE,
            Bits.NONE,
            Bits.of(0),
            0,
            false,
            rows,
            Map.of(),
            List.of(new RuleOrigin("test", "in", 0, "from friends")),
            List.of("test/in"));
    return new PolicyTables(
        set,
        true,
        Set.of(),
        Map.of(POD, new Subject(set, 0)),
        classes,
        Map.of(),
        PortClasses.NONE,
        set == 0 ? Map.of() : Map.of(set, only),
        List.of());
  }

  private void apply(PolicyTables tables) {
    reconciler.submit(tables, node);
    reconciler.write(nowNs);
  }

  private void advance(long ns) {
    nowNs += ns;
    reconciler.write(nowNs);
  }

  private Verdict ingress(Ip from) {
    return new PolicyView(kernel).verdict(new Question(POD, true, from, Protocol.TCP, 80));
  }

  private @Nullable GuardEntry guard() {
    return new PolicyView(kernel).guard;
  }

  private boolean guardHas(int flag) {
    GuardEntry guard = guard();
    return guard != null && guard.has(flag);
  }

  private int epoch() {
    GuardEntry guard = guard();
    return guard == null ? 0 : guard.epoch();
  }

  private List<String> problems() {
    return reconciler.problems().stream().map(Problem::toString).toList();
  }

  @Test
  void aPolicyIsInForceAndNamesItsTables() {
    apply(letsIn(1, FRIEND));
    assertThat(ingress(FRIEND)).isEqualTo(Verdict.ALLOWED);
    assertThat(ingress(STRANGER)).isEqualTo(Verdict.DENIED);
    assertThat(reconciler.isSettled()).isTrue();
    PolicyStatus status = reconciler.status();
    assertThat(status.inForce()).isTrue();
    assertThat(status.isolatedIngress()).isEqualTo(1);
    assertThat(status.isolatedEgress()).isZero();
    assertThat(status.generation()).isEqualTo(1);
  }

  @Test
  void aPodIsClosedUntilItsProgramsStand() {
    standing.clear();
    apply(letsIn(0));
    assertThat(ingress(FRIEND)).isEqualTo(Verdict.CLOSED);
    standing.add(DEVICE);
    advance(1);
    assertThat(ingress(FRIEND)).isEqualTo(Verdict.ALLOWED);
  }

  @Test
  void aPodThatLostItsDeviceIsClosed() {
    apply(letsIn(0));
    node = node(0, Set.of(RANGE4));
    apply(letsIn(0));
    assertThat(ingress(FRIEND)).isEqualTo(Verdict.CLOSED);
  }

  @Test
  void aPodWithoutADeviceOfItsOwnIsOpenedByItsPolicies() {
    node = node(0, Set.of(RANGE4));
    apply(letsIn(1, FRIEND));
    assertThat(ingress(FRIEND)).isEqualTo(Verdict.ALLOWED);
  }

  @Test
  void whatDoesNotFitLeavesTheOldPoliciesInForce() {
    kernel = new FakeDataplane(4, 16);
    reconciler = agent();
    apply(letsIn(1, FRIEND));
    Ip[] many = new Ip[9];
    for (int i = 0; i < many.length; i++) {
      many[i] = Ip.parse("10.3.0." + (i + 1));
    }
    long before = kernel.writes();
    apply(letsIn(2, many));
    assertThat(kernel.writes()).as("nothing is written").isEqualTo(before);
    assertThat(ingress(FRIEND)).isEqualTo(Verdict.ALLOWED);
    assertThat(problems()).hasSize(1);
    assertThat(problems().get(0))
        .contains("NetworkPolicy test/in")
        .contains("has room for 4 entries")
        .contains("the policies of before stay in force");
    assertThat(reconciler.isSettled()).isFalse();
    assertThat(reconciler.status().refusals()).isEqualTo(1);
    apply(letsIn(3, STRANGER));
    assertThat(ingress(STRANGER)).as("what fits comes at once").isEqualTo(Verdict.ALLOWED);
    assertThat(problems()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(
      value = MapName.class,
      names = {"SETS", "SET_PEERS", "PEERS4", "SUBJECTS4"})
  void whatTheKernelRefusesLeavesTheOldPoliciesInForce(MapName map) {
    apply(letsIn(1, FRIEND));
    advance(SECOND_NS);
    kernel.faults(name -> name.equals(map.mapName()) ? 12 : 0);
    apply(letsIn(2, STRANGER));
    assertThat(ingress(FRIEND)).isEqualTo(Verdict.ALLOWED);
    assertThat(ingress(STRANGER)).isEqualTo(Verdict.DENIED);
    assertThat(problems().get(0)).contains("refuses to write the table " + map.mapName());
    kernel.faults(name -> 0);
    advance(SECOND_NS);
    assertThat(ingress(STRANGER)).isEqualTo(Verdict.ALLOWED);
    assertThat(ingress(FRIEND)).isEqualTo(Verdict.DENIED);
    assertThat(problems()).isEmpty();
  }

  @Test
  void whatNobodyWantsGoesAfterASecond() {
    apply(letsIn(1, FRIEND));
    advance(SECOND_NS);
    apply(letsIn(2, STRANGER));
    int size = new PolicyView(kernel).size();
    advance(SECOND_NS / 2);
    assertThat(new PolicyView(kernel).size()).isEqualTo(size);
    advance(SECOND_NS);
    assertThat(new PolicyView(kernel).size()).as("pod, peer, set and row").isEqualTo(4);
  }

  @ParameterizedTest
  @EnumSource(
      value = MapName.class,
      names = {"SUBJECTS4", "SETS", "SET_PEERS", "PEERS4", "GUARD"})
  void driftIsCountedAndMended(MapName map) {
    apply(letsIn(1, FRIEND));
    advance(SECOND_NS);
    kernel.fakeMap(map).loseFirst();
    assertThat(reconciler.audit()).isEqualTo(1);
    advance(1);
    assertThat(ingress(FRIEND)).isEqualTo(Verdict.ALLOWED);
    assertThat(ingress(STRANGER)).isEqualTo(Verdict.DENIED);
    assertThat(reconciler.audit()).isZero();
    assertThat(reconciler.tables().stream().mapToLong(MapStatus::drift).sum()).isEqualTo(1);
  }

  @Test
  void anIdleRestartWritesNothing() {
    apply(letsIn(1, FRIEND));
    apply(letsIn(2, STRANGER));
    advance(3 * SECOND_NS);
    advance(3 * SECOND_NS);
    long before = kernel.writes();
    reconciler = agent();
    apply(letsIn(2, STRANGER));
    advance(3 * SECOND_NS);
    assertThat(kernel.writes()).isEqualTo(before);
  }

  // ---- guard ----------------------------------------------------------------------------------

  @Test
  void theGuardComesAfterTheFirstPoliciesAndStays() {
    kernel.faults(name -> name.equals("subjects4") ? 12 : 0);
    apply(letsIn(1, FRIEND));
    assertThat(guard()).as("nothing is in force").isNull();
    kernel.faults(name -> 0);
    advance(2 * SECOND_NS);
    GuardEntry guard = guard();
    assertThat(guard).isNotNull();
    assertThat(guard.has(GuardFlag.GUARD_ON)).isTrue();
    assertThat(guard.has(GuardFlag.GUARD_CHANGING)).isFalse();
    assertThat(guard.epoch()).isEqualTo(1);
    assertThat(guard.ranges(false).get(0)).isEqualTo(new GuardEntry.Range(RANGE4, true));
    assertThat(guard.ranges(true).get(0)).isEqualTo(new GuardEntry.Range(RANGE6, true));
    reconciler = agent();
    assertThat(guard()).isEqualTo(guard);
  }

  @Test
  void aRangeIsNeverSeenWithTheMaskOfAnother() {
    apply(letsIn(0));
    kernel.afterWrite(
        map -> {
          GuardEntry guard = guard();
          if (guard != null) {
            guard.ranges(false).stream()
                .filter(GuardEntry.Range::counts)
                .forEach(
                    each ->
                        assertThat(each.block())
                            .isIn(RANGE4, Cidr.parse("10.9.0.0/16"), Cidr.parse("10.8.0.0/20")));
          }
        });
    node = node(DEVICE, Set.of(Cidr.parse("10.9.0.0/16"), Cidr.parse("10.8.0.0/20")));
    apply(letsIn(0));
    GuardEntry guard = guard();
    assertThat(guard).isNotNull();
    assertThat(guard.ranges(false).stream().filter(GuardEntry.Range::counts)).hasSize(2);
    assertThat(guard.ranges(true)).containsOnly(GuardEntry.NOWHERE);
  }

  @Test
  void moreRangesThanPlacesAreAProblem() {
    Set<Cidr> ranges = new HashSet<>();
    for (int i = 0; i < 5; i++) {
      ranges.add(Cidr.parse("10." + i + ".0.0/16"));
    }
    node = node(DEVICE, ranges);
    apply(letsIn(0));
    assertThat(problems()).anySatisfy(each -> assertThat(each).contains("spec.podCIDRs"));
  }

  @Test
  void onlyWhatMayTakeAccessAwayRaisesTheEpoch() {
    apply(letsIn(1, FRIEND));
    assertThat(epoch()).isEqualTo(1);
    apply(letsIn(1, FRIEND, STRANGER));
    assertThat(epoch()).as("one more may").isEqualTo(1);
    apply(letsIn(1, FRIEND));
    assertThat(epoch()).as("one may no more").isEqualTo(2);
    apply(letsIn(2, FRIEND));
    assertThat(epoch()).as("other rules").isEqualTo(3);
    advance(SECOND_NS);
    apply(letsIn(0));
    assertThat(epoch()).as("everybody may").isEqualTo(3);
  }

  @Test
  void establishedFlowsAreKeptIfAskedFor() {
    options = new PolicyOptions(true, false, false, true);
    reconciler = agent();
    apply(letsIn(1, FRIEND));
    apply(letsIn(2, STRANGER));
    assertThat(epoch()).isEqualTo(1);
  }

  @Test
  void anAgentThatDiesBeforeTheNewEpochLeavesAMarkForTheNext() {
    apply(letsIn(1, FRIEND));
    advance(SECOND_NS);
    boolean[] flipped = new boolean[1];
    kernel.afterWrite(
        map -> {
          if (map.equals("subjects4") && !flipped[0]) {
            flipped[0] = true;
            throw new IllegalStateException("killed");
          }
        });
    try {
      apply(letsIn(2, STRANGER));
    } catch (IllegalStateException e) {
      assertThat(epoch()).isEqualTo(1);
    }
    assertThat(flipped[0]).isTrue();
    reconciler = agent();
    apply(letsIn(2, STRANGER));
    assertThat(epoch()).isEqualTo(2);
    assertThat(guardHas(GuardFlag.GUARD_CHANGING)).isFalse();
  }

  @Test
  void flagsFollowTheOptionsAndWhoAsks() {
    options = new PolicyOptions(true, true, true, false);
    reconciler = agent();
    apply(letsIn(0));
    reconciler.setTellAllowed(true);
    advance(1);
    GuardEntry guard = guard();
    assertThat(guard).isNotNull();
    assertThat(guard.flags())
        .isEqualTo(
            GuardFlag.GUARD_ON
                | GuardFlag.GUARD_JUDGE_TO_NODE
                | GuardFlag.GUARD_ALLOW_SELF
                | GuardFlag.GUARD_TELL_ALLOWED);
    reconciler.setTellAllowed(false);
    advance(1);
    assertThat(guardHas(GuardFlag.GUARD_TELL_ALLOWED)).isFalse();
  }

  @Test
  void offTakesEverythingOutOfForceTheGuardFirst() {
    apply(letsIn(1, FRIEND));
    advance(SECOND_NS);
    options = PolicyOptions.OFF;
    reconciler = agent();
    kernel.afterWrite(
        map -> {
          if (map.startsWith("subjects")) {
            assertThat(guard()).isNotNull();
            assertThat(guardHas(GuardFlag.GUARD_ON)).as("no pod is closed").isFalse();
          }
        });
    apply(letsIn(1, FRIEND));
    advance(SECOND_NS);
    advance(2 * SECOND_NS);
    assertThat(new PolicyView(kernel).size()).isZero();
    assertThat(reconciler.isSettled()).isTrue();
    long before = kernel.writes();
    reconciler = agent();
    apply(letsIn(1, FRIEND));
    assertThat(kernel.writes()).isEqualTo(before);
  }

  @Test
  void offWritesNothingWhereNothingIs() {
    options = PolicyOptions.OFF;
    reconciler = agent();
    apply(letsIn(1, FRIEND));
    assertThat(kernel.writes()).isZero();
  }
}
