// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import io.millrace.admin.proto.SocketStatus;
import io.millrace.admin.proto.Status;
import io.millrace.bpf.NodeNetworks;
import io.millrace.compile.NodeTables;
import io.millrace.model.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after the sockets of this node and its pods. It has a thread of its own: the way is through
 * every network namespace, which changes must not wait for.
 */
final class SocketKeeper implements SocketUpkeep, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SocketKeeper.class);
  private static final String PROBLEMS = "sockets";
  private static final long AFTER_FAILURE_NS = TimeUnit.SECONDS.toNanos(1);

  private final NodeNetworks networks;
  private final ProblemBoard problems;
  private final LongSupplier clockNs;
  private final WalkLog walkLog = new WalkLog();
  private final SocketEnder ender;
  private final OptOuts optOuts;
  private final Thread thread = new Thread(this::run, "sockets");
  private final Semaphore news = new Semaphore(0);
  private volatile boolean stopping;

  SocketKeeper(
      NodeNetworks networks, ProblemBoard problems, LongSupplier clockNs, RandomGenerator random) {
    this.networks = networks;
    this.problems = problems;
    this.clockNs = clockNs;
    ender = new SocketEnder(networks, walkLog, random);
    optOuts = new OptOuts(networks, walkLog, random);
  }

  /** Begins to work; to be closed before the dataplane is. */
  SocketKeeper start() {
    thread.setDaemon(true);
    thread.start();
    return this;
  }

  @Override
  public void backendsGone(boolean v4, boolean v6) {
    ender.ask(v4, v6);
    wakeUp();
  }

  @Override
  public void node(NodeTables tables) {
    if (optOuts.node(tables)) {
      wakeUp();
    }
  }

  /** Does what is due, and returns how long there is nothing to do. Called by one thread. */
  long turn() {
    long nowNs = clockNs.getAsLong();
    boolean any = false;
    if (ender.waitNs(nowNs) == 0) {
      any = true;
      ender.run(nowNs, clockNs);
    }
    nowNs = clockNs.getAsLong();
    if (optOuts.waitNs(nowNs) == 0) {
      any = true;
      optOuts.run(nowNs);
    }
    if (any) {
      problems.set(PROBLEMS, problems());
    }
    nowNs = clockNs.getAsLong();
    return Math.min(ender.waitNs(nowNs), optOuts.waitNs(nowNs));
  }

  @Override
  public void describe(Status.Builder status) {
    SocketEnder.Figures ended = ender.figures();
    OptOuts.Figures opted = optOuts.figures();
    NodeNetworks.Walk walk = walkLog.last();
    SocketStatus.Builder out =
        SocketStatus.newBuilder()
            .setEnded(ended.ended())
            .setRuns(ended.runs())
            .setLastUs(ended.lastUs())
            .setByProgram(networks.endsByProgram())
            .setNamespaces(walk.visited())
            .setNamespacesFailed(walk.failed())
            .setPodsOptedOut(opted.inForce());
    opted.notFound().forEach(pod -> out.addPodsNotFound(pod.namespace() + "/" + pod.name()));
    status.setSockets(out).setEntriesWritten(status.getEntriesWritten() + opted.writes());
  }

  @Override
  public void close() {
    stopping = true;
    wakeUp();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    networks.close();
  }

  private List<Problem> problems() {
    List<Problem> all = new ArrayList<>();
    ender
        .failure()
        .ifPresent(
            why ->
                all.add(
                    new Problem(
                        "",
                        "",
                        "",
                        "UDP sockets of removed endpoints cannot be ended: "
                            + why
                            + "; tried again")));
    all.addAll(optOuts.figures().problems());
    return all;
  }

  private void run() {
    while (!stopping) {
      long waitNs = AFTER_FAILURE_NS;
      try {
        waitNs = turn();
      } catch (RuntimeException e) {
        log.error("the upkeep of sockets failed, it goes on", e);
      }
      try {
        // What was asked for meanwhile lets it look at once.
        if (news.tryAcquire(waitNs, TimeUnit.NANOSECONDS)) {
          news.drainPermits();
        }
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void wakeUp() {
    news.release();
  }
}
