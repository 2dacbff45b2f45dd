// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import io.millrace.admin.proto.Status;
import io.millrace.bpf.Dataplane.Counter;
import io.millrace.bpf.DropCount;
import io.millrace.http.HttpAnswer;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * {@code /metrics}: kube-proxy's names where they have a meaning here, ours for the rest. Made for
 * each scrape from what the threads publish; only the kernel's counters are asked for, of the
 * control thread, and if that has no time the ones of the scrape before are given.
 */
final class Metrics {
  /** Of the fields of /proc/PID/stat behind the name, in hundredths of a second. */
  private static final int USER_TICKS = 11;

  private final Supplier<CompletableFuture<KernelReading>> kernel;
  private final Supplier<Status> status;
  private final List<Consumer<MetricList>> parts;
  private final Executor http;
  private final ExpositionFormatWriter text = PrometheusTextFormatWriter.create();
  private final ExpositionFormatWriter openMetrics = OpenMetricsTextFormatWriter.create();
  private final long startMs = System.currentTimeMillis();
  private volatile KernelReading last = KernelReading.NONE;

  /**
   * @param kernel asks the control thread, for a time
   * @param parts add what others count; any thread may ask them
   * @param http where the answer is written
   */
  Metrics(
      Supplier<CompletableFuture<KernelReading>> kernel,
      Supplier<Status> status,
      List<Consumer<MetricList>> parts,
      Executor http) {
    this.kernel = kernel;
    this.status = status;
    this.parts = List.copyOf(parts);
    this.http = http;
  }

  /** The answer to a scrape whose header {@code Accept} this is. */
  CompletionStage<HttpAnswer> scrape(String accept) {
    return kernel
        .get()
        .handleAsync((reading, failure) -> write(accept, reading == null ? last : reading), http);
  }

  private HttpAnswer write(String accept, KernelReading reading) {
    last = reading;
    ExpositionFormatWriter writer = openMetrics.accepts(accept) ? openMetrics : text;
    ByteArrayOutputStream out = new ByteArrayOutputStream(1 << 15);
    try {
      writer.write(out, collect(reading));
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory cannot fail", e);
    }
    return new HttpAnswer(200, writer.getContentType(), Map.of(), out.toByteArray());
  }

  private MetricSnapshots collect(KernelReading reading) {
    MetricList out = new MetricList();
    parts.forEach(part -> part.accept(out));
    kernel(reading, out);
    StatusMetrics.collect(status.get(), out);
    out.counter("process_cpu_seconds", "Processor time of the agent", cpuSeconds());
    out.gauge(
        "process_start_time_seconds",
        "When the agent began, in seconds of the epoch",
        startMs / 1e3);
    return out.build();
  }

  /** Not by ProcessHandle, which reads the arguments and looks the user up each time. */
  private static double cpuSeconds() {
    try {
      String stat = Files.readString(Path.of("/proc/self/stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      return (Long.parseLong(fields[USER_TICKS]) + Long.parseLong(fields[USER_TICKS + 1])) / 100.0;
    } catch (IOException e) {
      return 0; // a figure for people: no reason to fail
    }
  }

  private static void kernel(KernelReading reading, MetricList out) {
    MetricList.Values noLocal = MetricList.values();
    for (KernelReading.NoLocal each : reading.noLocal()) {
      noLocal.add(each.ports(), "ip_family", each.family(), "traffic_policy", each.policy());
    }
    // A gauge there: the name's end is a counter's by rule.
    out.counter(
        "kubeproxy_sync_proxy_rules_no_local_endpoints",
        "ServicePorts of traffic policy Local with endpoints on other nodes only",
        noLocal);
    MetricList.Values packets = MetricList.values();
    MetricList.Values bytes = MetricList.values();
    for (DropCount drop : reading.drops()) {
      packets.add(drop.packets(), "reason", drop.reason());
      bytes.add(drop.bytes(), "reason", drop.reason());
    }
    out.counter("millrace_drops", "Packets dropped, by reason", packets);
    out.counter("millrace_drop_bytes", "Bytes of packets dropped, by reason", bytes);
    MetricList.Values counters = MetricList.values();
    for (Counter counter : reading.counters()) {
      counters.add(counter.value(), "counter", counter.name());
    }
    out.counter("millrace_packets", "What the programs count beside drops", counters);
  }
}
