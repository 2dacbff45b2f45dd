// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import io.millrace.http.HttpAnswer;
import io.millrace.http.HttpHandler;
import io.millrace.http.HttpRequest;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** What kube-proxy serves on its metrics address (S-141), but for the profiles of its runtime. */
final class MetricsEndpoints implements HttpHandler {
  /**
   * Not the name of one of kube-proxy's modes: whoever looks for its rules after reading one would
   * not find them.
   */
  private static final HttpAnswer MODE = HttpAnswer.text(200, "millrace");

  private static final HttpAnswer OK = HttpAnswer.text(200, "ok");

  private final Function<String, CompletionStage<HttpAnswer>> metrics;

  /**
   * @param metrics the answer of {@code /metrics}, by the header {@code Accept}
   */
  MetricsEndpoints(Function<String, CompletionStage<HttpAnswer>> metrics) {
    this.metrics = metrics;
  }

  @Override
  public CompletionStage<HttpAnswer> answer(HttpRequest request) {
    return switch (request.path()) {
      case "/metrics" -> metrics.apply(request.accept());
      case "/proxyMode" -> CompletableFuture.completedFuture(MODE);
      case "/healthz" -> CompletableFuture.completedFuture(OK);
      default -> CompletableFuture.completedFuture(HttpAnswer.NOT_FOUND);
    };
  }
}
