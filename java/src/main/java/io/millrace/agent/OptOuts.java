// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import io.millrace.bpf.BpfException;
import io.millrace.bpf.NodeNetworks;
import io.millrace.compile.NodeTables;
import io.millrace.model.Ip;
import io.millrace.model.ObjectKey;
import io.millrace.model.PodState;
import io.millrace.model.Problem;
import io.millrace.reconcile.OptOutTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * Keeps {@code sock_off} to the pods that opt out: finds their namespaces by their addresses. Looks
 * when the node changes, again while one is not found, and every minute while there are any, as a
 * namespace may be made anew without a sign. Used by one thread; only {@link #node} is for others.
 */
final class OptOuts {
  private static final long CHECK_NS = TimeUnit.MINUTES.toNanos(1);

  /** A pod that starts may have its address later than its object; only then it is a problem. */
  private static final int PATIENCE = 2;

  private static final String FIELD = "metadata.annotations[" + PodState.SOCKET_LB + "]";

  private final NodeNetworks networks;
  private final OptOutTable table;
  private final WalkLog walkLog;
  private final Backoff retry;
  private NodeTables node = NodeTables.EMPTY;
  private boolean known;
  private boolean changed;
  private boolean loaded;
  private int tries;
  private long checkNs;

  private volatile Figures figures = new Figures(0, List.of(), "", 0);

  /**
   * How far it is.
   *
   * @param inForce pods whose sockets are left alone
   * @param notFound pods whose namespace was not found, once that has lasted
   * @param failure why the last try failed; empty if it did not
   * @param writes entries written or deleted since the agent started
   */
  record Figures(int inForce, List<ObjectKey> notFound, String failure, long writes) {
    List<Problem> problems() {
      List<Problem> problems = new ArrayList<>();
      if (!failure.isEmpty()) {
        problems.add(new Problem("", "", "", "pods cannot opt out: " + failure + "; tried again"));
      }
      for (ObjectKey pod : notFound) {
        problems.add(
            new Problem(
                "",
                pod.toString(),
                FIELD,
                "no network namespace has its address (is --netns-dir the container runtime's"
                    + " folder?); its sockets are served until one does"));
      }
      return problems;
    }
  }

  OptOuts(NodeNetworks networks, WalkLog walkLog, RandomGenerator random) {
    this.networks = networks;
    this.walkLog = walkLog;
    table = new OptOutTable(networks.optedOut());
    retry = new Backoff(random);
  }

  /** The node as it is now; returns whether that means work. Callable from any thread. */
  synchronized boolean node(NodeTables tables) {
    boolean first = !known;
    boolean same = tables.equals(node);
    boolean idle = tables.optedOut().isEmpty() && node.optedOut().isEmpty();
    if (!tables.optedOut().equals(node.optedOut())) {
      tries = 0;
    }
    known = true;
    node = tables;
    if (!first && (same || idle)) {
      return false;
    }
    changed = true;
    return true;
  }

  /** Callable from any thread. */
  Figures figures() {
    return figures;
  }

  /** Until there is something to do; {@code Long.MAX_VALUE} = nothing. */
  synchronized long waitNs(long nowNs) {
    if (changed) {
      return 0;
    }
    if (retry.waiting()) {
      return retry.waitNs(nowNs);
    }
    return node.optedOut().isEmpty() || !loaded ? Long.MAX_VALUE : Math.max(0, checkNs - nowNs);
  }

  /** Looks, and writes what differs. */
  void run(long nowNs) {
    Map<ObjectKey, List<Ip>> pods;
    synchronized (this) {
      pods = node.optedOut();
      changed = false;
      tries++;
    }
    try {
      look(pods, nowNs);
    } catch (BpfException e) {
      retry.failed(nowNs);
      figures = new Figures(0, List.of(), String.valueOf(e.getMessage()), table.writes());
    }
    checkNs = nowNs + CHECK_NS;
  }

  private synchronized boolean isPatient() {
    return tries < PATIENCE;
  }

  private void look(Map<ObjectKey, List<Ip>> pods, long nowNs) {
    if (!loaded) {
      table.load();
      loaded = true;
    }
    NodeNetworks.Found found = new NodeNetworks.Found(List.of(), walkLog.last());
    if (!pods.isEmpty()) {
      found = networks.find();
      walkLog.took(found.walk());
    }
    OptOutMatch match = OptOutMatch.of(pods, found, table.actual());
    table.apply(match.wanted(), match.stale());
    if (match.notFound().isEmpty()) {
      retry.succeeded();
    } else {
      retry.failed(nowNs);
    }
    figures =
        new Figures(
            pods.size() - match.notFound().size(),
            isPatient() ? List.of() : match.notFound(),
            "",
            table.writes());
  }
}
