// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The metrics of one scrape. */
final class MetricList {
  private final List<MetricSnapshot> all = new ArrayList<>();

  /** Values of one metric, each with its labels. */
  static final class Values {
    private final Map<Labels, Double> values = new LinkedHashMap<>();

    /**
     * @param labels name, value, name, value …
     */
    Values add(Number value, String... labels) {
      values.put(Labels.of(labels), value.doubleValue());
      return this;
    }
  }

  static Values values() {
    return new Values();
  }

  void gauge(String name, String help, Number value) {
    gauge(name, help, values().add(value));
  }

  void gauge(String name, String help, Values values) {
    GaugeSnapshot.Builder metric = GaugeSnapshot.builder().name(name).help(help);
    values.values.forEach(
        (labels, value) ->
            metric.dataPoint(GaugeDataPointSnapshot.builder().labels(labels).value(value).build()));
    all.add(metric.build());
  }

  void counter(String name, String help, Number value) {
    counter(name, help, values().add(value));
  }

  /** The name comes without {@code _total}, which is added. */
  void counter(String name, String help, Values values) {
    CounterSnapshot.Builder metric = CounterSnapshot.builder().name(name).help(help);
    values.values.forEach(
        (labels, value) ->
            metric.dataPoint(
                CounterDataPointSnapshot.builder().labels(labels).value(value).build()));
    all.add(metric.build());
  }

  void add(MetricSnapshot metric) {
    all.add(metric);
  }

  MetricSnapshots build() {
    return new MetricSnapshots(all);
  }
}
