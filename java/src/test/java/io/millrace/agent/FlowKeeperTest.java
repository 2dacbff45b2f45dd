// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.admin.proto.AdoptedFlows;
import io.millrace.admin.proto.Serving;
import io.millrace.admin.proto.Status;
import io.millrace.bpf.Adopted;
import io.millrace.bpf.Adoption;
import io.millrace.bpf.BpfException;
import io.millrace.bpf.FlowRoom;
import io.millrace.bpf.FlowTable;
import io.millrace.bpf.FlowTables;
import io.millrace.bpf.FlowTimeouts;
import io.millrace.bpf.GcStats;
import io.millrace.bpf.Hold;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FlowKeeperTest {
  private static final long MS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long S = TimeUnit.SECONDS.toNanos(1);
  private static final FlowRoom PLENTY = new FlowRoom(5000, 1000);
  private static final FlowRoom LITTLE = new FlowRoom(999, 1000);

  private final FakeTables kernel = new FakeTables();
  private final FlowKeeper keeper =
      new FlowKeeper(kernel, table -> 8192, FlowTimeouts.DEFAULT, () -> kernel.nowNs);

  @Test
  void aTableIsCollectedAtOnceAndThenEveryTenSeconds() {
    keeper.turn();
    assertThat(kernel.collections(FlowTable.FLOWS4)).containsExactly(0L);
    seconds(35);
    assertThat(kernel.collections(FlowTable.FLOWS4)).containsExactly(0L, 10L, 20L, 30L);
    assertThat(kernel.collections(FlowTable.FLOWS6)).containsExactly(0L, 10L, 20L, 30L);
  }

  @Test
  void aTableThatFillsUpIsCollectedEverySecond() {
    keeper.turn();
    kernel.stats(new GcStats(4000, 3000, 1000, 0, 3, true));
    kernel.rooms.put(FlowTable.FLOWS6, LITTLE);
    seconds(4);
    assertThat(kernel.collections(FlowTable.FLOWS6)).containsExactly(0L, 1L, 2L, 3L, 4L);
    assertThat(kernel.collections(FlowTable.FLOWS4)).containsExactly(0L);
  }

  @Test
  void collectingInVainGetsRarer() {
    keeper.turn();
    kernel.stats(new GcStats(8000, 7990, 10, 0, 3000, true));
    kernel.rooms.put(FlowTable.FLOWS4, LITTLE);
    seconds(40);
    assertThat(kernel.collections(FlowTable.FLOWS4)).containsExactly(0L, 1L, 3L, 7L, 15L, 25L, 35L);

    kernel.stats(new GcStats(8000, 7000, 1000, 0, 3000, true));
    seconds(7);
    assertThat(kernel.collections(FlowTable.FLOWS4)).endsWith(35L, 45L, 46L, 47L);
  }

  @Test
  void collectionsTakeNoMoreThanATenthOfAProcessor() {
    kernel.tookNs = 300 * MS;
    kernel.stats(new GcStats(500_000, 400_000, 100_000, 0, 3, true));
    kernel.rooms.put(FlowTable.FLOWS4, LITTLE);
    seconds(1);
    kernel.collections.clear();
    seconds(30);
    assertThat(kernel.collections(FlowTable.FLOWS4)).hasSizeBetween(7, 10);
  }

  @Test
  void aTableThatCannotBeCollectedDoesNotStopTheOther() {
    kernel.failing = FlowTable.FLOWS4;
    keeper.turn();
    assertThat(kernel.collections(FlowTable.FLOWS4)).isEmpty();
    assertThat(kernel.collections(FlowTable.FLOWS6)).containsExactly(0L);
    assertThat(status().getFlowCollection().getLastFailure()).contains("collect flows of FLOWS4");

    kernel.failing = null;
    seconds(10);
    assertThat(kernel.collections(FlowTable.FLOWS4)).containsExactly(10L);
    assertThat(status().getFlowCollection().getLastFailure()).isEmpty();
  }

  @Test
  void whatIsFoundIsTold() {
    kernel.stats(new GcStats(10, 4, 5, 1, 60, false));
    keeper.turn();
    kernel.stats(new GcStats(9, 7, 2, 0, 70, true));
    kernel.rooms.put(FlowTable.FLOWS6, LITTLE);
    seconds(1);

    Status status = status();
    assertThat(status.getFlowCollection().getRuns()).isEqualTo(3);
    assertThat(status.getFlowCollection().getExpired()).isEqualTo(5 + 5 + 2);
    assertThat(status.getFlowCollection().getOrphans()).isEqualTo(2);
    assertThat(status.getFlowCollection().getLive()).isEqualTo(4 + 7);
    assertThat(status.getFlowCollection().getOldestS()).isEqualTo(70);
    assertThat(status.getTablesList())
        .extracting(t -> t.getName() + " " + t.getEntries() + " " + t.getPressure())
        .containsExactly("flows4 4 false", "flows6 7 true");
    assertThat(status.getTables(0).getMaxEntries()).isEqualTo(8192);
  }

  @Test
  void itsThreadEndsWhenItIsClosed() {
    try (FlowKeeper started =
        FlowKeeper.start(
            new io.millrace.fake.FakeDataplane(), FlowTimeouts.DEFAULT, System::nanoTime)) {
      assertThat(started).isNotNull();
      assertThat(threads()).contains("flows");
    }
    assertThat(threads()).doesNotContain("flows");
  }

  private static List<String> threads() {
    return Thread.getAllStackTraces().keySet().stream().map(Thread::getName).toList();
  }

  private Status status() {
    Status.Builder status = Status.newBuilder();
    keeper.describe(status);
    return status.build();
  }

  @Test
  void whatOthersCarryIsLookedAfterUntilItHasEnded() {
    kernel.adopted = Adopted.UDP;
    kernel.adoption = new Adoption(4, 0, 0, 3, 1, 0);
    keeper.turn();
    assertThat(status().getAdopted())
        .isEqualTo(AdoptedFlows.newBuilder().setTcp(3).setUdp(1).build());

    kernel.adoption = new Adoption(3, 0, 2, 3, 0, 0);
    seconds(10);
    assertThat(kernel.adopted).isEqualTo(Adopted.SOME);

    // What has ended is remembered for a while, and what came from the same port meanwhile for
    // longer.
    kernel.adoption = new Adoption(3, 0, 6, 0, 0, 0);
    seconds(10);
    assertThat(kernel.adopted).isEqualTo(Adopted.SOME);
    kernel.adoption = new Adoption(0, 0, 0, 0, 0, 1);
    seconds(10);
    assertThat(kernel.adopted).isEqualTo(Adopted.SOME);

    kernel.adoption = Adoption.NONE;
    seconds(10);
    assertThat(kernel.adopted).isEqualTo(Adopted.NONE);
    assertThat(kernel.looks).isEqualTo(5);
    seconds(20);
    assertThat(kernel.looks).isEqualTo(5);
    assertThat(status().getServing()).isEqualTo(Serving.HANDED_BACK);
    assertThat(status().getAdopted()).isEqualTo(AdoptedFlows.getDefaultInstance());
  }

  /** So many seconds, a look in each. */
  private void seconds(int n) {
    for (int i = 0; i < n; i++) {
      kernel.nowNs += S;
      keeper.turn();
    }
  }

  private static final class FakeTables implements FlowTables {
    static final long START_NS = 77 * S;
    long nowNs = START_NS;
    long tookNs;
    final Map<FlowTable, FlowRoom> rooms = new EnumMap<>(FlowTable.class);
    final Map<FlowTable, List<Long>> collections = new EnumMap<>(FlowTable.class);
    private GcStats stats = GcStats.NONE;
    @Nullable FlowTable failing;
    Adopted adopted = Adopted.NONE;
    Adoption adoption = Adoption.NONE;
    int looks;

    void stats(GcStats next) {
      stats = next;
    }

    /** The seconds in which the table was collected. */
    List<Long> collections(FlowTable table) {
      return collections.getOrDefault(table, List.of());
    }

    @Override
    public GcStats gc(FlowTable table, FlowTimeouts timeouts) {
      if (table == failing) {
        throw new BpfException(1, "collect flows of", table.name(), "");
      }
      collections.computeIfAbsent(table, unused -> new ArrayList<>()).add((nowNs - START_NS) / S);
      nowNs += tookNs;
      return stats;
    }

    @Override
    public FlowRoom room(FlowTable table) {
      return rooms.getOrDefault(table, PLENTY);
    }

    @Override
    public Hold hold() {
      return Hold.BACK;
    }

    @Override
    public Adopted adopted() {
      return adopted;
    }

    @Override
    public void setAdopted(Adopted next) {
      adopted = next;
    }

    @Override
    public Adoption keepAdopted() {
      looks++;
      return adoption;
    }
  }
}
