// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.kubernetes;

import io.millrace.model.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** How one resource is doing. Written by its thread, read by any. */
final class Progress {
  private final Resource resource;
  private final ApiClock clock;
  private final Runnable changed;

  private volatile long heardNs;
  private volatile int objects;
  private final AtomicLong events = new AtomicLong();
  private final AtomicLong lists = new AtomicLong();
  private final AtomicLong errors = new AtomicLong();
  private volatile String obstacle = "";
  private volatile List<Problem> invalid = List.of();

  /**
   * @param changed is run when {@link #problems} says something else
   */
  Progress(Resource resource, ApiClock clock, Runnable changed) {
    this.resource = resource;
    this.clock = clock;
    this.changed = changed;
    heardNs = clock.nowNs();
  }

  /** The server has said something. */
  void heard() {
    heardNs = clock.nowNs();
  }

  void event() {
    events.incrementAndGet();
  }

  void list() {
    lists.incrementAndGet();
  }

  void error() {
    errors.incrementAndGet();
  }

  /** What is held, and what is wrong with it. */
  void holds(int count, List<Problem> problems) {
    objects = count;
    if (!problems.equals(invalid)) {
      invalid = problems;
      changed.run();
    }
  }

  /**
   * What stands in the way.
   *
   * @param reason empty if nothing does
   */
  void obstacle(String reason) {
    if (!reason.equals(obstacle)) {
      obstacle = reason;
      changed.run();
    }
  }

  /** What an operator has to mend. */
  List<Problem> problems() {
    List<Problem> problems = new ArrayList<>(invalid);
    String now = obstacle;
    if (!now.isEmpty()) {
      problems.add(new Problem(resource.title(), "", "", now));
    }
    return problems;
  }

  /** For status and metrics. */
  ResourceStats stats() {
    long silentMs = TimeUnit.NANOSECONDS.toMillis(Math.max(0, clock.nowNs() - heardNs));
    return new ResourceStats(
        resource.title(), objects, events.get(), lists.get(), errors.get(), silentMs);
  }

  /** For example {@code services 20000}; with what stands in the way. */
  String detail() {
    String now = obstacle;
    return resource.title() + " " + objects + (now.isEmpty() ? "" : " (" + now + ")");
  }
}
