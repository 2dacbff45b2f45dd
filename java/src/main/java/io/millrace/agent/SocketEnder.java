// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import io.millrace.bpf.BpfException;
import io.millrace.bpf.NodeNetworks;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the sockets of removed UDP backends: at once after a quiet time, and in a burst so seldom
 * that it takes a tenth of a processor at most. What fails is tried again. Used by one thread; only
 * {@link #ask} is for others.
 */
final class SocketEnder {
  private static final Logger log = LoggerFactory.getLogger(SocketEnder.class);

  private static final long LEAST_REST_NS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final int REST_FACTOR = 9;

  private final NodeNetworks networks;
  private final WalkLog walkLog;
  private final Backoff retry;
  private boolean asked4;
  private boolean asked6;
  private long readyNs;
  private boolean ran;

  private volatile Figures figures = new Figures(0, 0, 0);
  private volatile @Nullable String failure;

  /**
   * What has been done.
   *
   * @param ended sockets, since the agent started
   * @param runs walks through the namespaces
   * @param lastUs how long the last one took
   */
  record Figures(long ended, long runs, long lastUs) {}

  SocketEnder(NodeNetworks networks, WalkLog walkLog, RandomGenerator random) {
    this.networks = networks;
    this.walkLog = walkLog;
    retry = new Backoff(random);
  }

  /** Asks for the sockets of these families. Callable from any thread. */
  synchronized void ask(boolean v4, boolean v6) {
    asked4 |= v4;
    asked6 |= v6;
  }

  Figures figures() {
    return figures;
  }

  /** Why the last try failed, if it did. */
  Optional<String> failure() {
    return Optional.ofNullable(failure);
  }

  /** Until there is something to do; {@code Long.MAX_VALUE} = nothing was asked for. */
  synchronized long waitNs(long nowNs) {
    if (!asked4 && !asked6) {
      return Long.MAX_VALUE;
    }
    long rest = ran ? Math.max(0, readyNs - nowNs) : 0;
    return retry.waiting() ? Math.max(rest, retry.waitNs(nowNs)) : rest;
  }

  /** Does what was asked for. */
  void run(long nowNs, LongSupplier clockNs) {
    boolean v4;
    boolean v6;
    synchronized (this) {
      v4 = asked4;
      v6 = asked6;
      asked4 = false;
      asked6 = false;
    }
    try {
      NodeNetworks.Ended ended = networks.endSockets(v4, v6);
      succeeded(ended, clockNs.getAsLong() - nowNs);
    } catch (BpfException e) {
      ask(v4, v6);
      retry.failed(clockNs.getAsLong());
      failure = String.valueOf(e.getMessage());
    }
    long doneNs = clockNs.getAsLong();
    synchronized (this) {
      ran = true;
      readyNs = doneNs + Math.max(LEAST_REST_NS, REST_FACTOR * (doneNs - nowNs));
    }
  }

  private void succeeded(NodeNetworks.Ended ended, long tookNs) {
    Figures before = figures;
    figures =
        new Figures(
            before.ended() + ended.sockets(),
            before.runs() + 1,
            TimeUnit.NANOSECONDS.toMicros(tookNs));
    failure = null;
    retry.succeeded();
    walkLog.took(ended.walk());
    if (ended.sockets() > 0) {
      log.info(
          "ended UDP sockets of removed endpoints sockets={} namespaces={} took_us={}",
          ended.sockets(),
          ended.walk().visited(),
          figures.lastUs());
    }
  }
}
