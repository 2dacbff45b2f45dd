// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.http.HttpAnswer;
import io.millrace.http.HttpRequest;
import io.millrace.model.ClusterDelta;
import io.millrace.model.ClusterImage;
import io.millrace.model.NodeState;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What load balancers and the kubelet are told, to the byte: S-138, S-139, S-140. */
class HealthEndpointsTest {
  private static final long S = TimeUnit.SECONDS.toNanos(1);
  private static final Instant BEGAN = Instant.parse("2026-11-21T06:11:22.123456789Z");

  private long nowNs = 5 * S;
  private final HealthState health =
      new HealthState("n1", () -> nowNs, () -> BEGAN.plusNanos(nowNs - 5 * S));
  private final HealthEndpoints endpoints = new HealthEndpoints(health::view);

  @Test
  void whoIsHealthySaysNow() {
    apply();
    nowNs += 7 * S + 876_543_211; // a whole second: no fraction
    assertAnswer(
        "/healthz",
        200,
        "{\"lastUpdated\": \"2026-11-21 06:11:30 +0000 UTC\","
            + "\"currentTime\": \"2026-11-21 06:11:30 +0000 UTC\", \"nodeEligible\": true}");
    assertAnswer(
        "/livez",
        200,
        "{\"lastUpdated\": \"2026-11-21 06:11:30 +0000 UTC\","
            + "\"currentTime\": \"2026-11-21 06:11:30 +0000 UTC\"}");
  }

  @Test
  void aChangeThatWaitsAMinuteIsTooLate() {
    apply();
    nowNs += S;
    health.offered();
    nowNs += 60 * S - 1;
    assertThat(code("/healthz")).isEqualTo(200);
    nowNs += 1;
    assertAnswer(
        "/healthz",
        503,
        "{\"lastUpdated\": \"2026-11-21 06:11:22.123456789 +0000 UTC\","
            + "\"currentTime\": \"2026-11-21 06:12:23.123456789 +0000 UTC\","
            + " \"nodeEligible\": true}");
    assertAnswer(
        "/livez",
        503,
        "{\"lastUpdated\": \"2026-11-21 06:11:22.123456789 +0000 UTC\","
            + "\"currentTime\": \"2026-11-21 06:12:23.123456789 +0000 UTC\"}");
    apply();
    assertThat(code("/healthz")).isEqualTo(200);
    assertThat(code("/livez")).isEqualTo(200);
  }

  @Test
  void aChangeThatWasTakenIsNotInForce() {
    apply();
    health.offered();
    nowNs += 30 * S;
    health.taken(List.of());
    nowNs += 20 * S;
    health.offered(); // the first one counts, whoever has it
    nowNs += 10 * S;
    assertThat(health.isHealthy()).isFalse();
    health.applied(new Engine.Round(0, 0), false);
    assertThat(health.isHealthy()).as("the second waits for 10 s").isTrue();
    nowNs += 50 * S;
    assertThat(health.isHealthy()).isFalse();
  }

  @Test
  void healthyBeforeTheFirstRound() {
    health.offered();
    nowNs += 1000 * S;
    assertThat(code("/healthz")).isEqualTo(200);
    assertThat(code("/livez")).isEqualTo(200);
  }

  @Test
  void aNodeThatGoesTakesNoMoreTraffic() {
    apply();
    health.image(image(false, true));
    nowNs += S;
    assertAnswer(
        "/healthz",
        503,
        "{\"lastUpdated\": \"2026-11-21 06:11:22.123456789 +0000 UTC\","
            + "\"currentTime\": \"2026-11-21 06:11:23.123456789 +0000 UTC\","
            + " \"nodeEligible\": false}");
    assertThat(code("/livez")).as("the agent works").isEqualTo(200);
    health.image(image(true, false));
    assertThat(code("/healthz")).isEqualTo(503);
    health.image(ClusterImage.EMPTY);
    assertThat(code("/healthz")).as("what was known last").isEqualTo(503);
    health.image(image(false, false));
    assertThat(code("/healthz")).isEqualTo(200);
  }

  @Test
  void aNodeThatGoesBeforeTheFirstRound() {
    health.image(image(true, false));
    assertAnswer(
        "/healthz",
        503,
        "{\"lastUpdated\": \"0001-01-01 00:00:00 +0000 UTC\","
            + "\"currentTime\": \"2026-11-21 06:11:22.123456789 +0000 UTC\","
            + " \"nodeEligible\": false}");
  }

  @Test
  void otherPathsAreNotFound() {
    for (String path : List.of("/", "/healthz/", "/metrics", "/debug/pprof")) {
      HttpAnswer answer = ask(endpoints, path);
      assertThat(answer.code()).as(path).isEqualTo(404);
      assertThat(text(answer)).isEqualTo("404 page not found\n");
      assertThat(answer.type()).isEqualTo("text/plain; charset=utf-8");
    }
  }

  @Test
  void theAddressOfMetricsAnswersAsKubeProxyDoes() {
    MetricsEndpoints metrics =
        new MetricsEndpoints(
            accept -> CompletableFuture.completedFuture(HttpAnswer.text(200, "for " + accept)));
    assertThat(text(ask(metrics, "/proxyMode"))).isEqualTo("millrace");
    assertThat(text(ask(metrics, "/healthz"))).isEqualTo("ok");
    assertThat(text(ask(metrics, "/metrics"))).isEqualTo("for text/plain");
    assertThat(ask(metrics, "/healthz").type()).isEqualTo("text/plain; charset=utf-8");
    assertThat(ask(metrics, "/healthz").headers())
        .containsOnly(Map.entry("X-Content-Type-Options", "nosniff"));
    assertThat(ask(metrics, "/debug/pprof/").code()).isEqualTo(404);
  }

  private void apply() {
    health.taken(List.of());
    health.applied(new Engine.Round(0, 0), false);
  }

  private static ClusterImage image(boolean deleting, boolean tainted) {
    ClusterDelta delta = new ClusterDelta(ClusterImage.EMPTY);
    delta.put(new NodeState("n1", List.of(), List.of(), List.of(), "", deleting, tainted));
    delta.put(new NodeState("n2", List.of(), List.of(), List.of(), "", !deleting, !tainted));
    return delta.apply();
  }

  private void assertAnswer(String path, int code, String body) {
    HttpAnswer answer = ask(endpoints, path);
    assertThat(answer.code()).isEqualTo(code);
    assertThat(text(answer)).isEqualTo(body);
    assertThat(answer.type()).isEqualTo("application/json");
    assertThat(answer.headers()).containsOnly(Map.entry("X-Content-Type-Options", "nosniff"));
  }

  private int code(String path) {
    return ask(endpoints, path).code();
  }

  private static HttpAnswer ask(io.millrace.http.HttpHandler handler, String path) {
    return handler.answer(new HttpRequest("GET", path, "text/plain")).toCompletableFuture().join();
  }

  private static String text(HttpAnswer answer) {
    return new String(answer.body(), StandardCharsets.UTF_8);
  }
}
