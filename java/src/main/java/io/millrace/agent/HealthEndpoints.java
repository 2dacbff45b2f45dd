// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import io.millrace.http.HttpAnswer;
import io.millrace.http.HttpHandler;
import io.millrace.http.HttpRequest;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * {@code /healthz}, for load balancers: whether this node takes traffic; and {@code /livez}, for
 * the kubelet: whether the agent works (S-138, S-139). Answers are kube-proxy's, to the byte.
 */
final class HealthEndpoints implements HttpHandler {
  /** As Go prints a time: no zeros at the end of the fraction. */
  private static final DateTimeFormatter TIME =
      new DateTimeFormatterBuilder()
          .appendPattern("yyyy-MM-dd HH:mm:ss")
          .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
          .appendLiteral(" +0000 UTC")
          .toFormatter()
          .withZone(ZoneOffset.UTC);

  private final Supplier<HealthState.View> health;
  private final Counts healthz = new Counts();
  private final Counts livez = new Counts();

  HealthEndpoints(Supplier<HealthState.View> health) {
    this.health = health;
  }

  /** Answers by their code. */
  private static final class Counts {
    private final Map<Integer, Long> byCode = new TreeMap<>(Map.of(200, 0L, 503, 0L));

    synchronized void add(int code) {
      byCode.merge(code, 1L, Long::sum);
    }

    synchronized MetricList.Values values() {
      MetricList.Values values = MetricList.values();
      byCode.forEach((code, count) -> values.add(count, "code", code.toString()));
      return values;
    }
  }

  /** Adds how often what was answered. Callable from any thread. */
  void collect(MetricList out) {
    out.counter("kubeproxy_proxy_healthz", "Answers of /healthz by code", healthz.values());
    out.counter("kubeproxy_proxy_livez", "Answers of /livez by code", livez.values());
  }

  @Override
  public CompletionStage<HttpAnswer> answer(HttpRequest request) {
    return CompletableFuture.completedFuture(
        switch (request.path()) {
          case "/healthz" -> healthz(health.get());
          case "/livez" -> livez(health.get());
          default -> HttpAnswer.NOT_FOUND;
        });
  }

  private HttpAnswer healthz(HealthState.View view) {
    boolean good = view.healthy() && view.eligible();
    String body = "{" + times(view, good) + ", \"nodeEligible\": " + view.eligible() + "}";
    return counted(healthz, good, body);
  }

  private HttpAnswer livez(HealthState.View view) {
    return counted(livez, view.healthy(), "{" + times(view, view.healthy()) + "}");
  }

  private static HttpAnswer counted(Counts counts, boolean good, String body) {
    int code = good ? 200 : 503;
    counts.add(code);
    return HttpAnswer.json(code, body);
  }

  /** Who is healthy has been updated just now, whenever that was. */
  private static String times(HealthState.View view, boolean good) {
    return "\"lastUpdated\": \"%s\",\"currentTime\": \"%s\""
        .formatted(TIME.format(good ? view.now() : view.updated()), TIME.format(view.now()));
  }
}
