// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.bpf.MapName;
import io.millrace.compile.policy.Bits;
import io.millrace.compile.policy.PolicySet;
import io.millrace.compile.policy.PolicyTables;
import io.millrace.compile.policy.PortClasses;
import io.millrace.compile.policy.RuleOrigin;
import io.millrace.compile.policy.Subject;
import io.millrace.fake.FakeDataplane;
import io.millrace.model.Cidr;
import io.millrace.model.Ip;
import io.millrace.reconcile.PolicyView.Verdict;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;

/** What becomes of policies when the kernel is full, refuses, or has been tampered with. */
final class PolicyReconcilerTest extends PolicyAgent {
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
        .contains("the table set_peers has room for 4 entries")
        .contains("raise --max-policy-set-peers")
        .contains("the policies of before stay in force");
    assertThat(reconciler.isSettled()).isFalse();
    assertThat(reconciler.status().refusals()).isEqualTo(1);
    apply(letsIn(3, STRANGER));
    assertThat(ingress(STRANGER)).as("what fits comes at once").isEqualTo(Verdict.ALLOWED);
    assertThat(problems()).isEmpty();
  }

  @Test
  void theNewPolicyIsBlamedForWhatDoesNotFit() {
    kernel = new FakeDataplane(4, 16);
    reconciler = agent();
    apply(letsIn(1, FRIEND));
    apply(together(2, 9));
    List<String> problems = problems();
    assertThat(problems).hasSize(1);
    assertThat(problems.get(0)).contains("NetworkPolicy test/new");
    apply(together(3, 10));
    assertThat(problems()).as("the same problem").isEqualTo(problems);
  }

  /** A policy that lets so many in, beside the one of {@link #letsIn}. */
  private static PolicyTables together(long id, int peers) {
    Map<Long, Bits> rows = new HashMap<>();
    for (long each = 1; each <= peers; each++) {
      rows.put(each, Bits.of(1));
    }
    PolicySet both =
        new PolicySet(
            id,
            Bits.NONE,
            Bits.NONE,
            Bits.of(1),
            0,
            false,
            rows,
            Map.of(),
            List.of(
                new RuleOrigin("test", "in", 0, "from friends"),
                new RuleOrigin("test", "new", 0, "from many")),
            List.of("test/in", "test/new"));
    return new PolicyTables(
        id,
        false,
        Set.of(POD),
        Map.of(POD, new Subject(id, 0)),
        HashTreePMap.empty(),
        Map.of(),
        PortClasses.NONE,
        Map.of(id, both),
        List.of());
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
  void anAddressThatWasAPodsFollowsItsBlock() {
    PMap<Ip, Long> pod = HashTreePMap.singleton(FRIEND, 7L);
    apply(ofBlock(1, 7, pod, Set.of()));
    apply(ofBlock(1, 7, HashTreePMap.empty(), Set.of(FRIEND)));
    apply(ofBlock(2, 8, HashTreePMap.empty(), Set.of(POD)));
    assertThat(egress(FRIEND)).isEqualTo(Verdict.ALLOWED);
    assertThat(egress(STRANGER)).as("as does one that never was").isEqualTo(Verdict.ALLOWED);
    advance(3 * SECOND_NS);
    assertThat(new PolicyView(kernel).size()).as("pod, block, two sets, three rows").isEqualTo(7);
  }

  /**
   * A block of one class. One set lets in whoever is of class 7 or 8, another one lets the pod out
   * to class 8.
   *
   * @param sets how many of them the pod has
   */
  private static PolicyTables ofBlock(int sets, long its, PMap<Ip, Long> peers, Set<Ip> moved) {
    Map<Long, PolicySet> all = new HashMap<>();
    all.put(1L, set(1, Map.of(7L, Bits.of(0), 8L, Bits.of(0))));
    if (sets > 1) {
      all.put(2L, set(2, Map.of(8L, Bits.of(0))));
    }
    return new PolicyTables(
        sets,
        moved.isEmpty(),
        moved,
        Map.of(POD, new Subject(1, sets > 1 ? 2 : 0)),
        peers,
        Map.of(Cidr.parse("10.2.0.0/24"), its),
        PortClasses.NONE,
        all,
        List.of());
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
}
