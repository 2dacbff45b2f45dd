// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.admin.proto.SocketStatus;
import io.millrace.admin.proto.Status;
import io.millrace.bpf.Errno;
import io.millrace.compile.NodeTables;
import io.millrace.fake.FakeDataplane;
import io.millrace.fake.FakeNetworks;
import io.millrace.model.Ip;
import io.millrace.model.ObjectKey;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What is done about sockets, and when; the thread stands still, the clock is the test's. */
final class SocketKeeperTest {
  private static final long MS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long S = TimeUnit.SECONDS.toNanos(1);
  private static final Ip IP1 = Ip.parse("10.1.1.11");
  private static final Ip IP1_V6 = Ip.parse("fd00::11");
  private static final Ip IP2 = Ip.parse("10.1.1.12");

  private final FakeDataplane kernel = new FakeDataplane();
  private final FakeNetworks networks = new FakeNetworks(kernel);
  private long nowNs = 7 * S;
  private final ProblemBoard problems = new ProblemBoard(() -> nowNs);
  private SocketKeeper keeper = keeper();

  private SocketKeeper keeper() {
    return new SocketKeeper(networks, problems, () -> nowNs, new Random(1));
  }

  private SocketStatus status() {
    Status.Builder status = Status.newBuilder();
    keeper.describe(status);
    return status.getSockets();
  }

  private static NodeTables node(Map<String, List<Ip>> pods) {
    Map<ObjectKey, List<Ip>> optedOut = new TreeMap<>();
    pods.forEach((name, ips) -> optedOut.put(new ObjectKey(ObjectKey.Kind.POD, "test", name), ips));
    return new NodeTables(
        Map.of(), Set.of(), Map.of(), Map.of(), Map.of(), Map.of(), Map.of(), optedOut, Set.of(),
        List.of());
  }

  @Test
  void nothingAskedNothingDone() {
    assertThat(keeper.turn()).isEqualTo(Long.MAX_VALUE);
    keeper.node(node(Map.of()));
    keeper.turn();
    keeper.node(node(Map.of()));
    assertThat(keeper.turn()).isEqualTo(Long.MAX_VALUE);
    assertThat(networks.takeCalls()).as("nobody opts out: no walk").isEmpty();
  }

  @Test
  void removalsEndSocketsAtOnceAndThenInABurstSeldom() {
    networks.sockets(3);
    keeper.backendsGone(true, false);
    keeper.turn();
    assertThat(networks.takeCalls()).containsExactly("end4");
    assertThat(status().getEnded()).isEqualTo(3);
    keeper.backendsGone(true, false);
    keeper.backendsGone(false, true);
    long waitNs = keeper.turn();
    assertThat(networks.takeCalls()).isEmpty();
    assertThat(waitNs).isPositive().isLessThanOrEqualTo(100 * MS);
    nowNs += waitNs;
    networks.sockets(2);
    keeper.turn();
    assertThat(networks.takeCalls()).containsExactly("end46");
    assertThat(status().getEnded()).isEqualTo(5);
    assertThat(status().getRuns()).isEqualTo(2);
  }

  @Test
  void anEndingThatFailsIsReportedAndTriedAgain() {
    networks.errno(Errno.ENOMEM);
    keeper.backendsGone(false, true);
    long waitNs = keeper.turn();
    assertThat(problems.list(9))
        .singleElement()
        .satisfies(entry -> assertThat(entry.toString()).contains("cannot be ended", "ENOMEM"));
    assertThat(networks.takeCalls()).containsExactly("end6");
    networks.errno(0);
    nowNs += waitNs;
    keeper.turn();
    assertThat(networks.takeCalls()).containsExactly("end6");
    assertThat(problems.count()).isZero();
  }

  @Test
  void podsOptOutByAnyOfTheirAddressesAndComeBack() {
    networks.put(101, IP1, IP1_V6);
    networks.put(102, IP2);
    keeper.node(node(Map.of("web-1", List.of(IP1_V6))));
    keeper.turn();
    assertThat(networks.cookies()).containsExactly(101L);
    assertThat(status().getPodsOptedOut()).isEqualTo(1);
    keeper.node(node(Map.of("web-1", List.of(IP1), "web-2", List.of(IP2))));
    keeper.turn();
    assertThat(networks.cookies()).containsExactly(101L, 102L);
    keeper.node(node(Map.of("web-2", List.of(IP2))));
    keeper.turn();
    assertThat(networks.cookies()).containsExactly(102L);
    networks.takeCalls();
    keeper.node(node(Map.of()));
    keeper.turn();
    assertThat(networks.cookies()).isEmpty();
    assertThat(networks.takeCalls()).isEmpty();
    assertThat(status().getPodsOptedOut()).isZero();
  }

  @Test
  void whereNobodyOptsOutAnyMoreAWalkThatFailedHoldsNothing() {
    networks.put(101, IP1);
    networks.failures("no namespace");
    keeper.node(node(Map.of("web-1", List.of(IP1))));
    keeper.turn();
    keeper.node(node(Map.of()));
    keeper.turn();
    assertThat(networks.cookies()).isEmpty();
  }

  @Test
  void aPodThatIsNotFoundIsLookedForAndReportedOnceItLasts() {
    keeper.node(node(Map.of("web-1", List.of(IP1))));
    long waitNs = keeper.turn();
    assertThat(problems.count()).as("it may just start").isZero();
    nowNs += waitNs;
    waitNs = keeper.turn();
    assertThat(status().getPodsNotFoundList()).containsExactly("test/web-1");
    assertThat(problems.list(9))
        .singleElement()
        .satisfies(entry -> assertThat(entry.problem().object()).isEqualTo("Pod test/web-1"));
    networks.put(101, IP1);
    nowNs += waitNs;
    keeper.turn();
    assertThat(networks.cookies()).containsExactly(101L);
    assertThat(status().getPodsNotFoundList()).isEmpty();
    assertThat(problems.count()).isZero();
  }

  @Test
  void aNamespaceMadeAnewIsFollowed() {
    networks.put(101, IP1);
    keeper.node(node(Map.of("web-1", List.of(IP1))));
    long waitNs = keeper.turn();
    networks.remove(101);
    networks.put(103, IP1);
    nowNs += waitNs;
    keeper.turn();
    assertThat(networks.cookies()).containsExactly(103L);
  }

  @Test
  void aRestartWritesOnlyTheDifference() {
    networks.put(101, IP1);
    networks.put(102, IP2);
    keeper.node(node(Map.of("web-1", List.of(IP1), "web-2", List.of(IP2))));
    keeper.turn();
    long writes = kernel.writes();
    keeper = keeper();
    keeper.node(node(Map.of("web-1", List.of(IP1), "web-2", List.of(IP2))));
    keeper.turn();
    assertThat(kernel.writes()).isEqualTo(writes);
    keeper = keeper();
    keeper.node(node(Map.of("web-1", List.of(IP1))));
    keeper.turn();
    assertThat(networks.cookies()).containsExactly(101L);
    assertThat(kernel.writes()).isEqualTo(writes + 1);
    keeper = keeper();
    keeper.node(node(Map.of()));
    keeper.turn();
    assertThat(networks.cookies()).isEmpty();
  }

  @Test
  void anUnknownCookieStaysWhileAPodIsNotFound() {
    networks.put(101, IP1);
    networks.put(102, IP2);
    keeper.node(node(Map.of("web-1", List.of(IP1), "web-2", List.of(IP2))));
    keeper.turn();
    keeper = keeper();
    networks.remove(101);
    networks.failures("/run/netns/web-1 cannot be entered");
    keeper.node(node(Map.of("web-1", List.of(IP1))));
    long waitNs = keeper.turn();
    assertThat(networks.cookies()).as("web-2 is seen, and not wanted").containsExactly(101L);
    networks.put(104, IP1);
    networks.failures();
    nowNs += waitNs;
    keeper.turn();
    assertThat(networks.cookies()).containsExactly(104L);
  }

  @Test
  void aKernelThatRefusesIsReportedAndTriedAgain() {
    networks.put(101, IP1);
    kernel.faults(map -> map.equals("sock_off") ? Errno.E2BIG : 0);
    keeper.node(node(Map.of("web-1", List.of(IP1))));
    long waitNs = keeper.turn();
    assertThat(problems.list(9))
        .singleElement()
        .satisfies(entry -> assertThat(entry.toString()).contains("cannot opt out", "sock_off"));
    assertThat(status().getPodsOptedOut()).isZero();
    kernel.faults(map -> 0);
    nowNs += waitNs;
    keeper.turn();
    assertThat(networks.cookies()).containsExactly(101L);
    assertThat(problems.count()).isZero();
  }
}
