// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import io.millrace.model.ObjectKey;
import io.millrace.model.SliceState;
import io.millrace.source.Change;
import io.prometheus.metrics.core.metrics.Histogram;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * kube-proxy's metrics of its rounds, under its names. One loop serves both families, so both have
 * the same figures; only the programming duration is that of each family's slices.
 */
final class SyncMetrics implements LoopObserver {
  static final List<String> FAMILIES = List.of("IPv4", "IPv6");
  private static final String FAMILY = "ip_family";

  /** More in one round are a start or a relist, whose durations would say nothing. */
  private static final int MAX_TRIGGERS = 10_000;

  private final InstantSource wall;
  private final Instant start;
  private final Histogram rounds =
      duration("sync_proxy_rules", "Duration of a round: compile and write")
          .classicUpperBounds(doubling())
          .build();
  private final Histogram fullRounds =
      duration("sync_full_proxy_rules", "Duration of a round that looked at everything")
          .classicUpperBounds(doubling())
          .build();
  private final Histogram partialRounds =
      duration("sync_partial_proxy_rules", "Duration of a round that looked at changes")
          .classicUpperBounds(doubling())
          .build();
  private final Histogram programming =
      duration("network_programming", "From the change of an endpoint until it is in force")
          .classicUpperBounds(programmingBounds())
          .build();

  private final Changes services = new Changes();
  private final Changes endpoints = new Changes();
  private final List<Trigger> triggers = new ArrayList<>();
  private double queuedSeconds;
  private double appliedSeconds;

  SyncMetrics(InstantSource wall) {
    this.wall = wall;
    start = wall.instant();
    for (String family : FAMILIES) {
      for (Histogram each : List.of(rounds, fullRounds, partialRounds, programming)) {
        each.initLabelValues(family);
      }
    }
  }

  /** When something happened that a slice tells of. */
  private record Trigger(String family, Instant at) {}

  /** Changes of one kind of object. */
  private static final class Changes {
    private long total;
    private long pending;

    void add() {
      total++;
      pending++;
    }
  }

  private static Histogram.Builder duration(String name, String help) {
    return Histogram.builder()
        .name("kubeproxy_" + name + "_duration_seconds")
        .help(help)
        .labelNames(FAMILY)
        .classicOnly()
        .withoutExemplars();
  }

  private static double[] doubling() {
    return IntStream.range(0, 15).mapToDouble(i -> 0.001 * (1 << i)).toArray();
  }

  /** 0.25, 0.5, 1 … 59, 60, 65 … 115, 120, 150 … 300. */
  private static double[] programmingBounds() {
    return Stream.of(
            DoubleStream.of(0.25, 0.5),
            IntStream.rangeClosed(1, 59).asDoubleStream(),
            IntStream.range(0, 12).mapToDouble(i -> 60 + 5 * i),
            IntStream.range(0, 7).mapToDouble(i -> 120 + 30 * i))
        .flatMapToDouble(part -> part)
        .toArray();
  }

  @Override
  public synchronized void taken(List<Change> changes) {
    queuedSeconds = seconds(wall.instant());
    for (Change change : changes) {
      if (change.key().kind() == ObjectKey.Kind.SERVICE) {
        services.add();
      } else if (change.key().kind() == ObjectKey.Kind.SLICE) {
        endpoints.add();
      }
      if (change.object() instanceof SliceState slice && slice.triggeredMs() != 0) {
        trigger(slice);
      }
    }
  }

  /** What happened before the start is not our delay (S-178). */
  private void trigger(SliceState slice) {
    Instant at = Instant.ofEpochMilli(slice.triggeredMs());
    if (at.isAfter(start) && triggers.size() < MAX_TRIGGERS) {
      triggers.add(new Trigger(slice.v6() ? "IPv6" : "IPv4", at));
    }
  }

  @Override
  public synchronized void applied(Engine.Round round, boolean everything) {
    Instant now = wall.instant();
    double tookSeconds = (round.compileNs() + round.applyNs()) / 1e9;
    for (String family : FAMILIES) {
      rounds.labelValues(family).observe(tookSeconds);
      (everything ? fullRounds : partialRounds).labelValues(family).observe(tookSeconds);
    }
    for (Trigger trigger : triggers) {
      Duration took = Duration.between(trigger.at(), now);
      programming.labelValues(trigger.family()).observe(Math.max(0, took.toNanos() / 1e9));
    }
    triggers.clear();
    services.pending = 0;
    endpoints.pending = 0;
    appliedSeconds = seconds(now);
  }

  private static double seconds(Instant at) {
    return at.getEpochSecond() + at.getNano() / 1e9;
  }

  /** Callable from any thread. */
  synchronized void collect(MetricList out) {
    for (Histogram each : List.of(rounds, fullRounds, partialRounds, programming)) {
      out.add(each.collect());
    }
    String prefix = "kubeproxy_sync_proxy_rules_";
    out.gauge(
        prefix + "last_timestamp_seconds",
        "When a round last succeeded, in seconds of the epoch",
        both(appliedSeconds));
    out.gauge(
        prefix + "last_queued_timestamp_seconds",
        "When changes last came, in seconds of the epoch",
        both(queuedSeconds));
    out.gauge(
        prefix + "endpoint_changes_pending",
        "Changes of EndpointSlices that are not in force yet",
        both(endpoints.pending));
    out.counter(prefix + "endpoint_changes", "Changes of EndpointSlices", both(endpoints.total));
    out.gauge(
        prefix + "service_changes_pending",
        "Changes of Services that are not in force yet",
        both(services.pending));
    out.counter(prefix + "service_changes", "Changes of Services", both(services.total));
  }

  private static MetricList.Values both(Number value) {
    MetricList.Values values = MetricList.values();
    FAMILIES.forEach(family -> values.add(value, FAMILY, family));
    return values;
  }
}
