// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import io.millrace.model.ClusterImage;
import io.millrace.model.NodeState;
import io.millrace.source.Change;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether changes reach the kernel in time, and whether load balancers may use this node: what
 * {@code /healthz}, {@code /livez} and health check ports tell (S-138…S-140).
 *
 * <p>Healthy is who has no change that waits longer than a minute, twice kube-proxy's syncPeriod.
 * Until the first round has succeeded the answer is yes: what an agent before has left in the
 * kernel goes on. Single entries that the kernel refuses do not count: everything else is served,
 * and every node would say the same at once.
 */
final class HealthState implements LoopObserver {
  static final long LATE_NS = TimeUnit.SECONDS.toNanos(60);

  /** As Go writes a time that was never set. */
  static final Instant NEVER = Instant.parse("0001-01-01T00:00:00Z");

  private final String nodeName;
  private final LongSupplier clockNs;
  private final InstantSource wall;
  private Instant applied = NEVER;
  private boolean eligible = true;

  /** When the oldest change came that the control thread has not taken. */
  private @Nullable Long offeredNs;

  /** When the oldest change came that it has taken, and that is not in force. */
  private @Nullable Long takenNs;

  HealthState(String nodeName, LongSupplier clockNs, InstantSource wall) {
    this.nodeName = nodeName;
    this.clockNs = clockNs;
    this.wall = wall;
  }

  /**
   * What is to be said at one moment.
   *
   * @param eligible the Node is neither being deleted nor about to be
   * @param updated when the kernel last followed; {@link #NEVER} if it has not
   */
  record View(boolean healthy, boolean eligible, Instant updated, Instant now) {}

  /** A source is about to tell of a change. Callable from any thread. */
  synchronized void offered() {
    if (offeredNs == null) {
      offeredNs = clockNs.getAsLong();
    }
  }

  @Override
  public synchronized void taken(List<Change> changes) {
    if (takenNs == null) {
      takenNs = offeredNs;
    }
    offeredNs = null;
  }

  @Override
  public synchronized void image(ClusterImage image) {
    NodeState node = image.nodes().get(nodeName);
    if (node != null) {
      eligible = !node.deleting() && !node.taintedForDeletion();
    }
  }

  @Override
  public synchronized void applied(Engine.Round round, boolean everything) {
    applied = wall.instant();
    takenNs = null;
  }

  /** Callable from any thread. */
  synchronized View view() {
    boolean healthy = applied.equals(NEVER) || !(isLate(offeredNs) || isLate(takenNs));
    return new View(healthy, eligible, applied, wall.instant());
  }

  /** Whether the kernel follows, whatever becomes of the node. Callable from any thread. */
  boolean isHealthy() {
    return view().healthy();
  }

  private boolean isLate(@Nullable Long sinceNs) {
    return sinceNs != null && clockNs.getAsLong() - sinceNs >= LATE_NS;
  }
}
