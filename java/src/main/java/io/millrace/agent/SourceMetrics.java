// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import io.millrace.agent.MetricList.Values;
import io.millrace.source.ObjectSource;
import io.millrace.source.kubernetes.KubernetesSource;
import io.millrace.source.kubernetes.ResourceStats;
import java.util.List;
import java.util.stream.Stream;

/** How each resource of the API server is followed, as metrics. */
final class SourceMetrics {
  private SourceMetrics() {}

  static void collect(List<ObjectSource> sources, MetricList out) {
    collect(
        servers(sources).flatMap(server -> server.stats().stream()).toList(),
        servers(sources).mapToLong(server -> server.events().dropped()).sum(),
        out);
  }

  private static Stream<KubernetesSource> servers(List<ObjectSource> sources) {
    return sources.stream()
        .filter(KubernetesSource.class::isInstance)
        .map(KubernetesSource.class::cast);
  }

  /**
   * @param resources empty where another source is followed
   * @param dropped events that were not told
   */
  static void collect(List<ResourceStats> resources, long dropped, MetricList out) {
    Values objects = MetricList.values();
    Values events = MetricList.values();
    Values lists = MetricList.values();
    Values errors = MetricList.values();
    Values silent = MetricList.values();
    for (ResourceStats each : resources) {
      objects.add(each.objects(), "resource", each.resource());
      events.add(each.events(), "resource", each.resource());
      lists.add(each.lists(), "resource", each.resource());
      errors.add(each.errors(), "resource", each.resource());
      silent.add(each.silentMs() / 1e3, "resource", each.resource());
    }
    out.gauge("millrace_source_objects", "Objects of the API server that are held", objects);
    out.counter("millrace_source_events", "Changes that the API server told of", events);
    out.counter("millrace_source_lists", "Lists begun", lists);
    out.counter("millrace_source_errors", "Lists and watches that failed", errors);
    out.gauge(
        "millrace_source_silent_seconds",
        "Since the API server said something; it does at least once a minute",
        silent);
    out.counter(
        "millrace_events_dropped",
        "Events on Services that were not told: too many, or the API server would not",
        dropped);
  }
}
