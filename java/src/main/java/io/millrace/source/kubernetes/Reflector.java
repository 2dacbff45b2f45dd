// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.kubernetes;

import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows one resource for ever, on a thread of its own: lists it, watches it from there, and
 * whatever happens tries again. Nothing that goes wrong takes away what is held.
 *
 * <pre>
 *          complete                    ends, silent, cannot be reached: from where it was
 *  LIST ────────────► WATCH ◄───────┐
 *   ▲ └─ broken, 410    │ └─────────┘
 *   └───────────────────┘ 410; three refusals or sudden ends in a row
 * </pre>
 */
final class Reflector implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(Reflector.class);

  /** All nodes are told at the same moment that they have to list. */
  private static final long LIST_JITTER_NS = TimeUnit.SECONDS.toNanos(2);

  /** A watch that ends sooner and brings nothing is no watch. */
  private static final long SUDDEN_NS = TimeUnit.SECONDS.toNanos(1);

  /** A watch that lasts so long is a good one. */
  private static final long STEADY_NS = TimeUnit.SECONDS.toNanos(60);

  private static final int MAX_STRIKES = 3;

  /** An older state is believed if it is all there is for so many lists, and so long. */
  private static final int OLDER_LISTS = 3;

  private static final long OLDER_NS = TimeUnit.SECONDS.toNanos(60);

  private final Resource resource;
  private final Held held;
  private final Progress progress;
  private final Lister lister;
  private final Watcher watcher;
  private final ApiBackoff backoff;
  private final ApiClock clock;
  private final RandomGenerator random;
  private final Runnable synced;

  private String version = "";
  private boolean listNeeded = true;
  private int expiredLists;
  private int strikes;
  private int olderLists;
  private long olderNs;
  private volatile boolean closed;

  /**
   * @param synced is run once, after the first complete list
   */
  Reflector(
      ResourceApi api,
      Held held,
      Progress progress,
      ApiClock clock,
      RandomGenerator random,
      Runnable synced) {
    resource = api.resource();
    this.held = held;
    this.progress = progress;
    this.clock = clock;
    this.random = random;
    this.synced = synced;
    ItemParser parser = new ItemParser(resource.kind());
    lister = new Lister(api, held, progress, parser);
    watcher = new Watcher(api, held, progress, parser, random);
    backoff = new ApiBackoff(api.timings(), random);
  }

  /** Lets {@link #run} return after its current step; interrupt its thread to end that, too. */
  void close() {
    closed = true;
  }

  @Override
  public void run() {
    while (!closed) {
      try {
        step();
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /** One list or one watch, and the wait after it. */
  void step() throws InterruptedException {
    try {
      if (listNeeded) {
        list();
      } else {
        watch();
      }
    } catch (RuntimeException | StackOverflowError e) {
      log.error("following {} broke and begins anew", resource.title(), e);
      listNeeded = true;
      failed(new End(End.Kind.BROKEN, "what the API server sends breaks us: " + e, 0));
    }
  }

  private void list() throws InterruptedException {
    boolean first = !held.isComplete();
    End end = lister.list(believesOlder() ? "" : version, expiredLists < 2);
    expiredLists = end.kind() == End.Kind.EXPIRED ? expiredLists + 1 : 0;
    switch (end.kind()) {
      case DONE -> {
        listed(first);
        return;
      }
      case OLDER -> {
        olderNs = olderLists == 0 ? clock.nowNs() : olderNs;
        olderLists++;
        progress.obstacle(end.reason());
      }
      default -> {}
    }
    failed(end);
  }

  private void listed(boolean first) {
    if (olderLists > 0 && Version.isOlder(lister.version(), version)) {
      log.warn(
          "{}: the older state is believed, it is all there is: {} < {}",
          resource.title(),
          lister.version(),
          version);
    }
    version = lister.version();
    listNeeded = false;
    olderLists = 0;
    strikes = 0;
    backoff.succeeded();
    progress.obstacle("");
    progress.holds(held.size(), held.problems());
    if (first) {
      log.info("{}: {} objects listed at {}", resource.title(), held.size(), version);
      synced.run();
    }
  }

  private boolean believesOlder() {
    return olderLists >= OLDER_LISTS && clock.nowNs() - olderNs >= OLDER_NS;
  }

  private void watch() throws InterruptedException {
    long startNs = clock.nowNs();
    End end = watcher.watch(version);
    version = watcher.version();
    long lastedNs = clock.nowNs() - startNs;
    if (watcher.hasMoved() || lastedNs >= STEADY_NS) {
      backoff.succeeded();
      strikes = 0;
    }
    switch (end.kind()) {
      case DONE, SILENT -> {
        if (lastedNs < SUDDEN_NS && !watcher.hasMoved()) {
          strike(new End(End.Kind.REFUSED, "the API server ends watches at once", end.waitNs()));
        }
      }
      case EXPIRED -> {
        listNeeded = true;
        clock.sleep((long) (LIST_JITTER_NS * random.nextDouble()));
      }
      case REFUSED -> strike(end);
      case OLDER, DENIED, BROKEN -> failed(end);
    }
  }

  /** The server answers, and not with what it should: perhaps a list mends it. */
  private void strike(End end) throws InterruptedException {
    if (++strikes >= MAX_STRIKES) {
      strikes = 0;
      listNeeded = true;
    }
    failed(end);
  }

  private void failed(End end) throws InterruptedException {
    progress.error();
    long waitNs = Math.max(end.waitNs(), backoff.failedNs());
    // A single hiccup is nothing that an operator has to know.
    if (end.kind() == End.Kind.DENIED || backoff.failures() > 1) {
      progress.obstacle(obstacle(end));
    }
    log.debug("{}: {} {}, again in {} ns", resource.title(), end.kind(), end.reason(), waitNs);
    clock.sleep(waitNs);
  }

  private String obstacle(End end) {
    String state = held.isComplete() ? "what is known stays" : "nothing is known yet";
    return end.kind() == End.Kind.OLDER ? end.reason() : end.reason() + "; " + state;
  }
}
