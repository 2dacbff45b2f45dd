// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import io.millrace.admin.proto.Status;
import io.millrace.compile.policy.PolicyTables;
import io.millrace.model.ClusterImage;
import io.millrace.model.ObjectKey;
import io.millrace.source.Change;
import io.prometheus.metrics.core.metrics.Histogram;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** Tells the book of events what holds, and how long policies take until they are in force. */
final class PolicyWatch implements LoopObserver {
  private static final Set<ObjectKey.Kind> KINDS =
      EnumSet.of(ObjectKey.Kind.POLICY, ObjectKey.Kind.POD, ObjectKey.Kind.NAMESPACE);

  private final EventBook book;
  private final Supplier<PolicyTables> tables;
  private final BooleanSupplier inForce;
  private final LongSupplier clockNs;
  private final Histogram took =
      Histogram.builder()
          .name("millrace_policy_programming_duration_seconds")
          .help("From the arrival of a policy, Pod or Namespace until it is in force")
          .classicOnly()
          .withoutExemplars()
          .classicUpperBounds(IntStream.range(0, 15).mapToDouble(i -> 0.001 * (1 << i)).toArray())
          .build();
  private final Set<ObjectKey> pods = new HashSet<>();
  private ClusterImage image = ClusterImage.EMPTY;
  private boolean pending;
  private long firstNs;
  private volatile long lastUs;

  /**
   * @param tables what was compiled last
   * @param inForce whether that is in force
   */
  PolicyWatch(
      EventBook book,
      Supplier<PolicyTables> tables,
      BooleanSupplier inForce,
      LongSupplier clockNs) {
    this.book = book;
    this.tables = tables;
    this.inForce = inForce;
    this.clockNs = clockNs;
  }

  @Override
  public void taken(List<Change> changes) {
    for (Change change : changes) {
      if (change.key().kind() == ObjectKey.Kind.POD) {
        pods.add(change.key());
      }
    }
    if (!pending && changes.stream().anyMatch(each -> KINDS.contains(each.key().kind()))) {
      pending = true;
      firstNs = clockNs.getAsLong();
    }
  }

  @Override
  public void image(ClusterImage newImage) {
    book.setPods(pods, image, newImage);
    pods.clear();
    image = newImage;
  }

  @Override
  public void applied(Engine.Round round, boolean everything) {
    book.setTables(tables.get());
    if (pending && inForce.getAsBoolean()) {
      pending = false;
      long ns = clockNs.getAsLong() - firstNs;
      lastUs = TimeUnit.NANOSECONDS.toMicros(ns);
      took.observe(ns / 1e9);
    }
  }

  /** Callable from any thread. */
  void describe(Status.Builder out) {
    if (out.hasPolicy()) {
      out.getPolicyBuilder().setLastUs(lastUs);
    }
  }

  /** Callable from any thread. */
  void collect(MetricList out) {
    out.add(took.collect());
  }
}
