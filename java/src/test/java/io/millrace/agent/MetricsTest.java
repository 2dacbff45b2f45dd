// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.admin.proto.Device;
import io.millrace.admin.proto.Drift;
import io.millrace.admin.proto.Problem;
import io.millrace.admin.proto.Source;
import io.millrace.admin.proto.Status;
import io.millrace.admin.proto.Table;
import io.millrace.bpf.Dataplane.Counter;
import io.millrace.bpf.DropCount;
import io.millrace.http.HttpAnswer;
import io.millrace.http.HttpRequest;
import io.millrace.model.NamespaceState;
import io.millrace.model.ObjectKey;
import io.millrace.model.ServiceKey;
import io.millrace.model.SliceState;
import io.millrace.source.Change;
import io.millrace.source.kubernetes.ResourceStats;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The names of kube-proxy's metrics that have a meaning here, and ours: S-141, S-178. */
class MetricsTest {
  private static final Instant START = Instant.parse("2026-11-21T06:00:00Z");
  private static final Pattern LINE =
      Pattern.compile(
          "[a-z_0-9]+(\\{[a-z_]+=\"[^\"]*\"(,[a-z_]+=\"[^\"]*\")*})? [-+0-9.eE]+(Inf|NaN)?");

  private Instant now = START;
  private boolean good = true;
  private Status status = Status.getDefaultInstance();
  private CompletableFuture<KernelReading> reading =
      CompletableFuture.completedFuture(
          new KernelReading(
              List.of(new DropCount("no_endpoint", 3, 180)),
              List.of(new Counter("flows_healed", 5)),
              List.of(
                  new KernelReading.NoLocal("internal", "IPv4", 1),
                  new KernelReading.NoLocal("external", "IPv6", 2))));
  private List<ResourceStats> resources = List.of();
  private final SyncMetrics sync = new SyncMetrics(() -> now);
  private final HealthEndpoints health =
      new HealthEndpoints(() -> new HealthState.View(good, true, now, now));
  private final Metrics metrics =
      new Metrics(
          () -> reading,
          () -> status,
          List.of(sync::collect, health::collect, out -> SourceMetrics.collect(resources, 4, out)),
          Runnable::run);

  @Test
  void kubeProxysNamesAreThere() {
    assertThat(names())
        .contains(
            "kubeproxy_sync_proxy_rules_duration_seconds_bucket",
            "kubeproxy_sync_proxy_rules_duration_seconds_count",
            "kubeproxy_sync_proxy_rules_duration_seconds_sum",
            "kubeproxy_sync_full_proxy_rules_duration_seconds_bucket",
            "kubeproxy_sync_partial_proxy_rules_duration_seconds_bucket",
            "kubeproxy_sync_proxy_rules_last_timestamp_seconds",
            "kubeproxy_sync_proxy_rules_last_queued_timestamp_seconds",
            "kubeproxy_network_programming_duration_seconds_bucket",
            "kubeproxy_sync_proxy_rules_endpoint_changes_pending",
            "kubeproxy_sync_proxy_rules_endpoint_changes_total",
            "kubeproxy_sync_proxy_rules_service_changes_pending",
            "kubeproxy_sync_proxy_rules_service_changes_total",
            "kubeproxy_sync_proxy_rules_no_local_endpoints_total",
            "kubeproxy_proxy_healthz_total",
            "kubeproxy_proxy_livez_total");
  }

  @Test
  void everyLineIsOneThatPrometheusReads() {
    for (String line : scrape().lines().toList()) {
      if (line.startsWith("#")) {
        assertThat(line)
            .matches("# (HELP [a-z_0-9]+ .+|TYPE [a-z_0-9]+ (counter|gauge|histogram))");
      } else {
        assertThat(line).matches(LINE);
      }
    }
  }

  @Test
  void bucketsAreThoseOfTheDashboards() {
    String text = scrape();
    assertThat(bounds(text, "kubeproxy_sync_proxy_rules_duration_seconds"))
        .startsWith("0.001", "0.002", "0.004")
        .endsWith("8.192", "16.384", "+Inf")
        .hasSize(16);
    assertThat(bounds(text, "kubeproxy_network_programming_duration_seconds"))
        .startsWith("0.25", "0.5", "1.0", "2.0")
        .containsSequence("58.0", "59.0", "60.0", "65.0")
        .containsSequence("115.0", "120.0", "150.0")
        .endsWith("270.0", "300.0", "+Inf")
        .hasSize(81);
  }

  @Test
  void changesArePendingUntilTheyAreInForce() {
    now = START.plusSeconds(5);
    sync.taken(
        List.of(
            Change.remove(new ObjectKey(ObjectKey.Kind.SERVICE, "default", "web")),
            Change.put(slice("web-1", false, 0)),
            Change.put(slice("web-2", false, 0)),
            Change.put(new NamespaceState("default", Map.of(), null))));
    assertThat(value("kubeproxy_sync_proxy_rules_endpoint_changes_pending{ip_family=\"IPv4\"}"))
        .isEqualTo(2);
    assertThat(value("kubeproxy_sync_proxy_rules_service_changes_pending{ip_family=\"IPv6\"}"))
        .isEqualTo(1);
    sync.applied(new Engine.Round(1_000_000, 4_000_000), false);
    now = START.plusSeconds(9);
    sync.taken(List.of(Change.put(slice("web-1", false, 0))));
    assertThat(value("kubeproxy_sync_proxy_rules_endpoint_changes_pending{ip_family=\"IPv4\"}"))
        .isEqualTo(1);
    assertThat(value("kubeproxy_sync_proxy_rules_endpoint_changes_total{ip_family=\"IPv4\"}"))
        .isEqualTo(3);
    assertThat(value("kubeproxy_sync_proxy_rules_service_changes_pending{ip_family=\"IPv4\"}"))
        .isZero();
    assertThat(value("kubeproxy_sync_proxy_rules_last_timestamp_seconds{ip_family=\"IPv4\"}"))
        .isEqualTo((double) (START.getEpochSecond() + 5));
    assertThat(
            value("kubeproxy_sync_proxy_rules_last_queued_timestamp_seconds{ip_family=\"IPv4\"}"))
        .isEqualTo((double) (START.getEpochSecond() + 9));
  }

  @Test
  void roundsAreFullOrPartial() {
    sync.applied(new Engine.Round(500_000_000, 1_000_000_000), true);
    sync.applied(new Engine.Round(1_000_000, 2_000_000), false);
    sync.applied(new Engine.Round(1_000_000, 2_000_000), false);
    String name = "_proxy_rules_duration_seconds_";
    assertThat(value("kubeproxy_sync" + name + "count{ip_family=\"IPv4\"}")).isEqualTo(3);
    assertThat(value("kubeproxy_sync" + name + "sum{ip_family=\"IPv6\"}"))
        .isCloseTo(1.506, within(1e-9));
    assertThat(value("kubeproxy_sync_full" + name + "count{ip_family=\"IPv4\"}")).isEqualTo(1);
    assertThat(value("kubeproxy_sync_partial" + name + "count{ip_family=\"IPv4\"}")).isEqualTo(2);
  }

  @Test
  void programmingIsTimedFromWhatTriggeredIt() {
    now = START.plusSeconds(100);
    sync.taken(
        List.of(
            Change.put(slice("before-the-start", false, START.toEpochMilli())),
            Change.put(slice("old", false, START.plusSeconds(97).toEpochMilli())),
            Change.put(slice("six", true, START.plusSeconds(99).toEpochMilli())),
            Change.put(slice("clock-ahead", true, START.plusSeconds(200).toEpochMilli())),
            Change.put(slice("unknown", false, 0))));
    String name = "kubeproxy_network_programming_duration_seconds_";
    assertThat(value(name + "count{ip_family=\"IPv4\"}")).isZero();
    now = START.plusSeconds(101);
    sync.applied(new Engine.Round(0, 0), false);
    sync.applied(new Engine.Round(0, 0), false);
    assertThat(value(name + "count{ip_family=\"IPv4\"}")).isEqualTo(1);
    assertThat(value(name + "sum{ip_family=\"IPv4\"}")).isEqualTo(4);
    assertThat(value(name + "count{ip_family=\"IPv6\"}")).isEqualTo(2);
    assertThat(value(name + "sum{ip_family=\"IPv6\"}")).isEqualTo(2);
  }

  @Test
  void theKernelsCountersAreRead() {
    assertThat(value("millrace_drops_total{reason=\"no_endpoint\"}")).isEqualTo(3);
    assertThat(value("millrace_drop_bytes_total{reason=\"no_endpoint\"}")).isEqualTo(180);
    assertThat(value("millrace_packets_total{counter=\"flows_healed\"}")).isEqualTo(5);
    assertThat(
            value(
                "kubeproxy_sync_proxy_rules_no_local_endpoints_total"
                    + "{ip_family=\"IPv6\",traffic_policy=\"external\"}"))
        .isEqualTo(2);
  }

  @Test
  void aBusyControlThreadCostsOnlyFreshness() {
    assertThat(value("millrace_drops_total{reason=\"no_endpoint\"}")).isEqualTo(3);
    reading = CompletableFuture.failedFuture(new java.util.concurrent.TimeoutException());
    assertThat(value("millrace_drops_total{reason=\"no_endpoint\"}")).isEqualTo(3);
  }

  @Test
  void statusIsToldAsNumbers() {
    status =
        Status.newBuilder()
            .setState(Status.State.SYNCED)
            .setVersion("1.2")
            .setAbiHash("00ff")
            .setRssBytes(1000)
            .addTables(
                Table.newBuilder().setName("svcs4").setEntries(7).setMaxEntries(64).setWrites(9))
            .addTables(Table.newBuilder().setName("flows6").setEntries(4).setPressure(true))
            .setDrift(Drift.newBuilder().setRepaired(2))
            .addDevices(Device.newBuilder().setRole("pod").setAttached(true))
            .addDevices(Device.newBuilder().setRole("pod"))
            .addSources(Source.newBuilder().setName("node").setSynced(true))
            .addProblems(Problem.newBuilder().setSource("services"))
            .addProblems(Problem.newBuilder().setSource("services"))
            .build();
    assertThat(value("millrace_build_info{abi=\"00ff\",version=\"1.2\"}")).isEqualTo(1);
    assertThat(value("millrace_synced")).isEqualTo(1);
    assertThat(value("millrace_map_entries{map=\"svcs4\"}")).isEqualTo(7);
    assertThat(value("millrace_map_max_entries{map=\"svcs4\"}")).isEqualTo(64);
    assertThat(value("millrace_map_writes_total{map=\"svcs4\"}")).isEqualTo(9);
    assertThat(value("millrace_flows{family=\"IPv6\"}")).isEqualTo(4);
    assertThat(value("millrace_flows_pressure{family=\"IPv6\"}")).isEqualTo(1);
    assertThat(value("millrace_drift_repaired_total")).isEqualTo(2);
    assertThat(value("millrace_devices{role=\"pod\"}")).isEqualTo(2);
    assertThat(value("millrace_devices_attached{role=\"pod\"}")).isEqualTo(1);
    assertThat(value("millrace_source_synced{source=\"node\"}")).isEqualTo(1);
    assertThat(value("millrace_problems{source=\"services\"}")).isEqualTo(2);
    assertThat(value("process_resident_memory_bytes")).isEqualTo(1000);
    assertThat(value("process_cpu_seconds_total")).isPositive();
  }

  @Test
  void answersOfTheHealthEndpointsAreCounted() {
    health.answer(new HttpRequest("GET", "/livez", ""));
    health.answer(new HttpRequest("GET", "/healthz", ""));
    good = false;
    health.answer(new HttpRequest("GET", "/healthz", ""));
    health.answer(new HttpRequest("GET", "/healthz", ""));
    health.answer(new HttpRequest("GET", "/other", ""));
    assertThat(value("kubeproxy_proxy_livez_total{code=\"200\"}")).isEqualTo(1);
    assertThat(value("kubeproxy_proxy_livez_total{code=\"503\"}")).isZero();
    assertThat(value("kubeproxy_proxy_healthz_total{code=\"200\"}")).isEqualTo(1);
    assertThat(value("kubeproxy_proxy_healthz_total{code=\"503\"}")).isEqualTo(2);
  }

  @Test
  void resourcesOfTheApiServerAreToldOneByOne() {
    resources = List.of(new ResourceStats("nodes", 3, 40, 2, 1, 1500));
    assertThat(value("millrace_source_objects{resource=\"nodes\"}")).isEqualTo(3);
    assertThat(value("millrace_source_events_total{resource=\"nodes\"}")).isEqualTo(40);
    assertThat(value("millrace_source_lists_total{resource=\"nodes\"}")).isEqualTo(2);
    assertThat(value("millrace_source_errors_total{resource=\"nodes\"}")).isEqualTo(1);
    assertThat(value("millrace_source_silent_seconds{resource=\"nodes\"}")).isEqualTo(1.5);
    assertThat(value("millrace_events_dropped_total")).isEqualTo(4);
  }

  @Test
  void theFormatIsTheOneAskedFor() {
    HttpAnswer plain = metrics.scrape("").toCompletableFuture().join();
    assertThat(plain.type()).startsWith("text/plain; version=0.0.4");
    HttpAnswer open =
        metrics
            .scrape("application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5")
            .toCompletableFuture()
            .join();
    assertThat(open.type()).startsWith("application/openmetrics-text; version=1.0.0");
    assertThat(new String(open.body(), StandardCharsets.UTF_8)).endsWith("# EOF\n");
  }

  private static SliceState slice(String name, boolean v6, long triggeredMs) {
    return new SliceState(
        "default",
        name,
        new ServiceKey("default", "web"),
        false,
        v6,
        triggeredMs,
        List.of(),
        List.of());
  }

  private String scrape() {
    HttpAnswer answer = metrics.scrape("text/plain").toCompletableFuture().join();
    assertThat(answer.code()).isEqualTo(200);
    return new String(answer.body(), StandardCharsets.UTF_8);
  }

  private Set<String> names() {
    Set<String> names = new TreeSet<>();
    scrape()
        .lines()
        .filter(line -> !line.startsWith("#"))
        .forEach(l -> names.add(l.split("[{ ]")[0]));
    return names;
  }

  private double value(String sample) {
    List<String> found = scrape().lines().filter(line -> line.startsWith(sample + " ")).toList();
    assertThat(found).as(sample + " in\n" + scrape()).hasSize(1);
    return Double.parseDouble(found.get(0).substring(sample.length() + 1));
  }

  private static List<String> bounds(String text, String histogram) {
    Matcher bucket =
        Pattern.compile(
                "^" + histogram + "_bucket\\{ip_family=\"IPv4\",le=\"([^\"]+)\"}",
                Pattern.MULTILINE)
            .matcher(text);
    return bucket.results().map(each -> each.group(1)).toList();
  }
}
