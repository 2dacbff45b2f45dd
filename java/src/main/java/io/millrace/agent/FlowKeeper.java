// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import io.millrace.admin.proto.AdoptedFlows;
import io.millrace.admin.proto.FlowCollection;
import io.millrace.admin.proto.Serving;
import io.millrace.admin.proto.Status;
import io.millrace.admin.proto.Table;
import io.millrace.bpf.Adopted;
import io.millrace.bpf.Adoption;
import io.millrace.bpf.Dataplane;
import io.millrace.bpf.FlowTable;
import io.millrace.bpf.FlowTables;
import io.millrace.bpf.FlowTimeouts;
import io.millrace.bpf.GcStats;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.function.ToIntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the flow tables from filling up. It has a thread of its own: a collection of a large table
 * takes a tenth of a second, which changes must not wait for.
 */
final class FlowKeeper implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(FlowKeeper.class);
  private static final long LOOK_NS = TimeUnit.SECONDS.toNanos(1);

  private final FlowTables kernel;
  private final FlowTimeouts timeouts;
  private final LongSupplier clockNs;
  private final List<Kept> tables = new ArrayList<>();
  private final Thread thread = new Thread(this::run, "flows");
  private final FlowCollection.Builder total = FlowCollection.newBuilder();
  private Adoption adopted = Adoption.NONE;
  private volatile Status published = Status.getDefaultInstance();
  private volatile boolean stopping;

  /** One table. */
  private static final class Kept {
    final FlowTable table;
    final int maxEntries;
    final CollectionSchedule schedule = new CollectionSchedule();
    final PressureWatch watch = new PressureWatch();
    GcStats last = GcStats.NONE;
    boolean failing;

    Kept(FlowTable table, int maxEntries) {
      this.table = table;
      this.maxEntries = maxEntries;
    }
  }

  /**
   * @param maxEntries the size of a table
   */
  FlowKeeper(
      FlowTables kernel,
      ToIntFunction<FlowTable> maxEntries,
      FlowTimeouts timeouts,
      LongSupplier clockNs) {
    this.kernel = kernel;
    this.timeouts = timeouts;
    this.clockNs = clockNs;
    for (FlowTable table : FlowTable.values()) {
      tables.add(new Kept(table, maxEntries.applyAsInt(table)));
    }
    publish();
  }

  /** Begins at once; to be closed before the dataplane is. */
  static FlowKeeper start(Dataplane dataplane, FlowTimeouts timeouts, LongSupplier clockNs) {
    FlowKeeper keeper =
        new FlowKeeper(
            dataplane, table -> dataplane.map(table.map()).maxEntries(), timeouts, clockNs);
    keeper.thread.setDaemon(true);
    keeper.thread.start();
    return keeper;
  }

  private void run() {
    while (!stopping) {
      turn();
      LockSupport.parkNanos(LOOK_NS);
    }
  }

  /** Waits for a collection that is under way. */
  @Override
  public void close() {
    stopping = true;
    LockSupport.unpark(thread);
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Looks at each table, and collects what is due. */
  void turn() {
    boolean news = false;
    for (Kept kept : tables) {
      news |= look(kept);
    }
    if (news) {
      keepAdopted();
      publish();
    }
  }

  /** What somebody else carries ends by itself, and then its entries are to go as well. */
  private void keepAdopted() {
    try {
      Adopted before = kernel.adopted();
      if (before == Adopted.NONE) {
        return;
      }
      adopted = kernel.keepAdopted();
      if (adopted.adopted() != before) {
        kernel.setAdopted(adopted.adopted());
      }
      if (adopted.adopted() == Adopted.NONE) {
        log.info("the last connection that somebody else carried has ended");
      }
    } catch (RuntimeException e) {
      log.warn("cannot look at the connections of others, it is tried again in 10 s", e);
    }
  }

  /** Adds what is known of the flow tables. Callable from any thread. */
  void describe(Status.Builder status) {
    status
        .mergeFrom(published)
        .setOthersCarry(kernel.adopted() != Adopted.NONE)
        .setServing(
            switch (kernel.hold()) {
              case NONE -> Serving.SERVES;
              case START -> Serving.STARTS;
              case BACK -> Serving.HANDED_BACK;
            });
  }

  private boolean look(Kept kept) {
    long beganNs = clockNs.getAsLong();
    try {
      if (!kept.schedule.isDue(beganNs, kernel.room(kept.table))) {
        return false;
      }
      GcStats stats = kernel.gc(kept.table, timeouts);
      collected(kept, stats, beganNs, clockNs.getAsLong());
    } catch (RuntimeException e) {
      failed(kept, e, beganNs);
    }
    return true;
  }

  private void collected(Kept kept, GcStats stats, long beganNs, long endedNs) {
    kept.schedule.collected(beganNs, endedNs, stats);
    kept.last = stats;
    kept.failing = false;
    total
        .setRuns(total.getRuns() + 1)
        .setExpired(total.getExpired() + stats.expired())
        .setOrphans(total.getOrphans() + stats.orphans())
        .setDurationUs(TimeUnit.NANOSECONDS.toMicros(endedNs - beganNs));
    if (tables.stream().noneMatch(other -> other.failing)) {
      total.clearLastFailure();
    }
    tell(kept, kept.watch.collected(stats.pressure(), endedNs));
  }

  /** Once; it is tried again when the next collection would be due anyway. */
  private void failed(Kept kept, RuntimeException e, long nowNs) {
    kept.schedule.collected(nowNs, nowNs, GcStats.NONE);
    total.setLastFailure(String.valueOf(e.getMessage()));
    if (!kept.failing) {
      log.error(
          "flows that have ended are not removed, it is tried again every 10 s table={}",
          kept.table.map().mapName(),
          e);
    }
    kept.failing = true;
  }

  private static void tell(Kept kept, PressureWatch.News news) {
    switch (news) {
      case BEGAN ->
          log.warn(
              "a flow table fills up, unanswered flows end early and new ones may be refused"
                  + " table={} entries={} max={}",
              kept.table.map().mapName(),
              kept.last.live(),
              kept.maxEntries);
      case ENDED ->
          log.info(
              "the flow table has room again table={} entries={} max={} after_s={}",
              kept.table.map().mapName(),
              kept.last.live(),
              kept.maxEntries,
              TimeUnit.NANOSECONDS.toSeconds(kept.watch.lastedNs()));
      case NONE -> {}
    }
  }

  private void publish() {
    Status.Builder status = Status.newBuilder();
    long live = 0;
    long oldest = 0;
    for (Kept kept : tables) {
      live += kept.last.live();
      oldest = Math.max(oldest, kept.last.oldestSeconds());
      status.addTables(
          Table.newBuilder()
              .setName(kept.table.map().mapName())
              .setEntries(kept.last.live())
              .setMaxEntries(kept.maxEntries)
              .setPressure(kept.last.pressure()));
    }
    status.setAdopted(
        AdoptedFlows.newBuilder().setTcp(adopted.tcp()).setUdp(adopted.udp()).build());
    published = status.setFlowCollection(total.setLive(live).setOldestS(oldest).build()).build();
  }
}
