// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.bpf.MapName;
import io.millrace.bpf.abi.GuardFlag;
import io.millrace.compile.policy.PolicyTables;
import io.millrace.fake.FakeDataplane;
import io.millrace.model.Cidr;
import io.millrace.reconcile.PolicyView.Verdict;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The guard: what holds for all pods of the node. */
final class PolicyGuardTest extends PolicyAgent {
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
  void whoHasLostAccessIsJudgedAgainThoughAllElseIsRefused() {
    apply(letsIn(1, FRIEND));
    kernel.faults(name -> name.equals(MapName.SETS.mapName()) ? 12 : 0);
    standing.clear();
    apply(letsIn(2, STRANGER));
    assertThat(ingress(FRIEND)).isEqualTo(Verdict.CLOSED);
    assertThat(epoch()).isEqualTo(2);
    advance(10 * SECOND_NS);
    assertThat(epoch()).as("once").isEqualTo(2);
    kernel.faults(name -> 0);
    standing.add(DEVICE);
    advance(60 * SECOND_NS);
    assertThat(ingress(STRANGER)).isEqualTo(Verdict.ALLOWED);
    assertThat(guardHas(GuardFlag.GUARD_CHANGING)).isFalse();
  }

  @Test
  void whatAPodWasOpenForBeforeItsPoliciesIsJudgedAgain() {
    for (boolean closed : new boolean[] {true, false}) {
      kernel = new FakeDataplane();
      reconciler = agent();
      node = node(DEVICE, closed ? Set.of(RANGE4, RANGE6) : Set.of(RANGE6));
      apply(PolicyTables.EMPTY);
      assertThat(epoch()).isEqualTo(1);
      apply(letsIn(1, FRIEND));
      assertThat(epoch()).as("closed before: %s", closed).isEqualTo(closed ? 1 : 2);
      apply(PolicyTables.EMPTY);
      int before = epoch();
      apply(letsIn(0));
      assertThat(epoch()).as("everybody may").isEqualTo(before);
    }
  }

  @Test
  void aPodThatNothingClosesKeepsItsPoliciesWithoutItsPrograms() {
    node = node(DEVICE, Set.of());
    standing.clear();
    apply(letsIn(1, FRIEND));
    assertThat(ingress(STRANGER)).isEqualTo(Verdict.DENIED);
    standing.add(DEVICE);
    apply(letsIn(2, FRIEND));
    standing.clear();
    advance(SECOND_NS);
    assertThat(ingress(STRANGER)).isEqualTo(Verdict.DENIED);
    assertThat(ingress(FRIEND)).isEqualTo(Verdict.ALLOWED);
    assertThat(problems())
        .anySatisfy(each -> assertThat(each).contains("spec.podCIDRs", POD.toString()));
    node = node(DEVICE, Set.of(RANGE4));
    apply(letsIn(2, FRIEND));
    assertThat(ingress(FRIEND)).isEqualTo(Verdict.CLOSED);
    assertThat(problems()).isEmpty();
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
