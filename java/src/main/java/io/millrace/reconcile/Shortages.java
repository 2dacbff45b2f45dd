// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.model.Problem;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * ServicePorts that did not get all they need. One that lacks ids or slots for its sets keeps its
 * old state; one that lacks a ring only does without. Both are planned again from time to time.
 */
final class Shortages {
  private final Map<PortState, String> stopped = new LinkedHashMap<>();
  private final Set<PortState> ringless = new LinkedHashSet<>();
  private final Backoff backoff = new Backoff();

  /** Whether the port waits until it is its turn again. */
  boolean stops(PortState port) {
    return stopped.containsKey(port);
  }

  /**
   * Takes note of how a plan came out.
   *
   * @param lack what stopped it; null if it is committed
   */
  void record(PortState port, @Nullable String lack, long nowNs) {
    port.setPlanned(lack == null);
    ringless.remove(port);
    if (lack != null) {
      stopped.put(port, lack);
      backoff.failed(nowNs);
    } else if (lackingRing(port) > 0) {
      ringless.add(port);
      backoff.failed(nowNs);
    }
  }

  /** Lets all try again whose turn it is. */
  void release(long nowNs, Collection<PortState> unsettled) {
    if (!backoff.isDue(nowNs)) {
      return;
    }
    if (stopped.isEmpty() && ringless.isEmpty()) {
      backoff.succeeded();
      return;
    }
    stopped.clear();
    ringless.forEach(port -> port.setPlanned(false));
    unsettled.addAll(ringless);
    ringless.clear();
  }

  void forget(PortState port) {
    stopped.remove(port);
    ringless.remove(port);
  }

  long waitNs(long nowNs) {
    return backoff.waitNs(nowNs);
  }

  List<Problem> problems() {
    List<Problem> problems = new ArrayList<>();
    stopped.forEach((port, lack) -> add(problems, port, lack + "; keeps its old state"));
    for (PortState port : ringless) {
      add(
          problems,
          port,
          "no room for a Maglev ring of "
              + lackingRing(port)
              + " slots, its outside clients get random backends; raise --max-slots");
    }
    return problems;
  }

  private static int lackingRing(PortState port) {
    return Math.max(port.family(false).lackingRing(), port.family(true).lackingRing());
  }

  private static void add(List<Problem> problems, PortState port, String reason) {
    if (port.key() != null) {
      problems.add(new Problem("", "Service " + port.key(), "", reason));
    }
  }
}
