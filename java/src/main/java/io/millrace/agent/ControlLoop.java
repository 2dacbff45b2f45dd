// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import io.millrace.admin.proto.Status;
import io.millrace.model.ClusterDelta;
import io.millrace.model.ClusterImage;
import io.millrace.model.ObjectKey;
import io.millrace.source.Change;
import io.millrace.source.KeyedQueue;
import io.millrace.source.SyncGate;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The control thread: takes changes, makes the kernel follow, looks after it. It alone touches the
 * image, the compiler's memo and the kernel; others see what it publishes, or send it a task.
 *
 * <p>Nothing is written before every source has synced. Whatever goes wrong in a round is logged
 * and tried again with everything; the loop itself ends only when it is told to.
 */
final class ControlLoop {
  private static final Logger log = LoggerFactory.getLogger(ControlLoop.class);

  private static final long LONGEST_WAIT_NS = TimeUnit.SECONDS.toNanos(1);
  private static final String PROBLEMS = "services";

  private final KeyedQueue queue;
  private final SyncGate gate;
  private final Engine engine;
  private final ProblemBoard problems;
  private final long auditEveryNs;
  private final LongSupplier clockNs;
  private final RandomGenerator random;
  private final Consumer<Status> publish;
  private final List<LoopObserver> observers;
  private final ControlTasks tasks;
  private final LoopStats stats;
  private final Debounce debounce = new Debounce();
  private final Backoff retry;
  private volatile boolean stopping;

  private ClusterImage image = ClusterImage.EMPTY;
  private @Nullable ClusterDelta delta;
  private boolean opened;
  private long auditNs;

  ControlLoop(
      KeyedQueue queue,
      SyncGate gate,
      Engine engine,
      ProblemBoard problems,
      long auditEveryNs,
      LongSupplier clockNs,
      RandomGenerator random,
      Consumer<Status> publish,
      List<LoopObserver> observers) {
    this.queue = queue;
    this.gate = gate;
    this.engine = engine;
    this.problems = problems;
    this.auditEveryNs = auditEveryNs;
    this.clockNs = clockNs;
    this.random = random;
    this.publish = publish;
    this.observers = List.copyOf(observers);
    tasks = new ControlTasks(queue::wakeUp);
    retry = new Backoff(random);
    stats = new LoopStats(clockNs.getAsLong());
  }

  /** How other threads reach this one. */
  ControlTasks tasks() {
    return tasks;
  }

  /** The image of the last round; for tasks. */
  ClusterImage image() {
    return image;
  }

  /** Runs until {@link #stop}. */
  void run() {
    publishStatus();
    while (!stopping) {
      try {
        // The gate first: if it is open, the queue has everything that was there at the start.
        boolean open = gate.isOpen();
        turn(open, queue.drain(waitNs(open, clockNs.getAsLong())));
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /** Lets {@link #run} return after its current round. Callable from any thread. */
  void stop() {
    stopping = true;
    queue.wakeUp();
  }

  /** One turn of the loop. */
  void turn(boolean gateOpen, List<Change> changes) {
    long nowNs = clockNs.getAsLong();
    take(changes, nowNs);
    tasks.run();
    boolean news = false;
    if (gateOpen) {
      news = act(nowNs);
    }
    news |= lookAfter(clockNs.getAsLong());
    if (news || !gateOpen) {
      publishStatus();
    }
  }

  /** How long the next turn may wait for changes. */
  long waitNs(boolean gateOpen, long nowNs) {
    long wait = LONGEST_WAIT_NS;
    if (retry.waiting()) {
      return Math.min(wait, retry.waitNs(nowNs));
    }
    if (!opened) {
      return gateOpen ? 0 : wait;
    }
    wait = Math.min(wait, Math.max(0, auditNs - nowNs));
    wait = Math.min(wait, engine.finishWaitNs());
    return Math.min(wait, debounce.waitNs(nowNs));
  }

  private void take(List<Change> changes, long nowNs) {
    if (changes.isEmpty()) {
      return;
    }
    ClusterDelta into = delta;
    if (into == null) {
      into = new ClusterDelta(image);
      delta = into;
    }
    boolean urgent = false;
    for (Change change : changes) {
      into.change(change.key(), change.object());
      urgent |= change.key().kind() == ObjectKey.Kind.POLICY;
    }
    debounce.changed(urgent, nowNs);
    observers.forEach(observer -> observer.taken(changes));
  }

  /**
   * Compiles and applies if that is due; returns whether it was. After a round that broke, changes
   * wait for the next try: it looks at everything anyway.
   */
  private boolean act(long nowNs) {
    boolean everything = !opened || retry.waiting();
    boolean due =
        retry.waiting() ? retry.waitNs(nowNs) == 0 : !opened || debounce.waitNs(nowNs) == 0;
    if (!due) {
      return false;
    }
    ClusterDelta changes = delta;
    if (changes != null) {
      image = changes.apply();
      delta = null;
      observers.forEach(observer -> observer.image(image));
    }
    round(everything ? null : changes, nowNs);
    return true;
  }

  private void round(@Nullable ClusterDelta changes, long nowNs) {
    long firstNs = debounce.pending() ? debounce.firstNs() : nowNs;
    try {
      Engine.Round round = engine.apply(image, changes);
      long doneNs = clockNs.getAsLong();
      stats.round(round, doneNs - firstNs);
      problems.set(PROBLEMS, engine.problems());
      observers.forEach(observer -> observer.applied(round, changes == null));
      succeeded(doneNs);
    } catch (RuntimeException | Error e) {
      stats.failed(String.valueOf(e.getMessage()));
      failed(String.valueOf(e.getMessage()), e);
    } finally {
      debounce.acted(nowNs, clockNs.getAsLong());
    }
  }

  private void succeeded(long nowNs) {
    if (retry.waiting()) {
      log.info("the kernel follows again");
    }
    retry.succeeded();
    if (stats.synced(nowNs)) {
      log.info(
          "synced after_ms={} services={} nodes={}",
          stats.syncedAfterMs(),
          image.services().size(),
          image.nodes().size());
      System.gc(); // what the start took goes back to the machine, not with the next large change
    }
    if (!opened) {
      opened = true;
      auditNs = nowNs + Backoff.jitter(auditEveryNs, random);
    }
  }

  private void failed(String reason, @Nullable Throwable cause) {
    long nowNs = clockNs.getAsLong();
    retry.failed(nowNs);
    log.error(
        "a round failed, everything is tried again in_ms={} reason={}",
        TimeUnit.NANOSECONDS.toMillis(retry.waitNs(nowNs)),
        reason,
        cause);
  }

  /** What is due by the clock; returns whether anything was. */
  private boolean lookAfter(long nowNs) {
    boolean any = false;
    if (opened && !retry.waiting() && engine.finishWaitNs() == 0) {
      any = true;
      guarded("deferred work", this::finish);
    }
    if (opened && !retry.waiting() && auditNs - nowNs <= 0) {
      any = true;
      auditNs = nowNs + Backoff.jitter(auditEveryNs, random);
      guarded("drift check", this::audit);
    }
    return any;
  }

  private void finish() {
    engine.finish();
    problems.set(PROBLEMS, engine.problems());
  }

  private void audit() {
    long repaired = engine.audit();
    stats.audited(repaired);
    if (repaired > 0) {
      log.warn("the kernel had drifted and was put right entries={}", repaired);
    }
  }

  /** Upkeep that fails must not stop the rest; the next round checks everything. */
  private void guarded(String what, Runnable upkeep) {
    try {
      upkeep.run();
    } catch (RuntimeException | Error e) {
      stats.failed(what + ": " + e.getMessage());
      failed(what + ": " + e.getMessage(), e);
    }
  }

  private void publishStatus() {
    Status.Builder status = Status.newBuilder();
    boolean inForce = opened && !retry.waiting() && engine.obstacle().isEmpty();
    if (!gate.isOpen()) {
      status.setState(Status.State.WAITING).addAllWaitingFor(gate.missing());
    } else if (inForce) {
      status.setState(Status.State.SYNCED);
    } else {
      status.setState(Status.State.APPLYING);
      stats.lastFailure().or(engine::obstacle).ifPresent(status::addWaitingFor);
    }
    stats.describe(status);
    engine.describe(status);
    publish.accept(status.build());
  }
}
