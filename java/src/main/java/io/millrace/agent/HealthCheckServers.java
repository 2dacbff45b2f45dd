// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import io.millrace.compile.HealthChecks;
import io.millrace.http.HttpAnswer;
import io.millrace.http.HttpHandler;
import io.millrace.http.HttpListeners;
import io.millrace.http.HttpServers;
import io.millrace.model.Ip;
import io.millrace.model.Problem;
import io.millrace.model.ServiceKey;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * The health check ports of Services: whether this node has endpoints of its own for them, so that
 * load balancers send clients only where they are served (S-130…S-136).
 */
final class HealthCheckServers implements LoopObserver {
  private static final String SOURCE = "health ports";
  private static final String FIELD = "spec.healthCheckNodePort";
  private static final Ip ANYWHERE = Ip.ofV4(0);

  private final Supplier<HealthChecks> wanted;
  private final BooleanSupplier healthy;
  private final ProblemBoard problems;
  private final HttpListeners listeners;
  private HealthChecks served = HealthChecks.NONE;

  // Who wants what, and what cannot be had: written by two threads.
  private Map<InetSocketAddress, ServiceKey> owners = Map.of();
  private List<Problem> contested = List.of();
  private Map<InetSocketAddress, String> failures = Map.of();

  /**
   * @param wanted what the control thread has compiled
   * @param healthy whether the kernel follows
   */
  HealthCheckServers(
      HttpServers servers,
      Supplier<HealthChecks> wanted,
      BooleanSupplier healthy,
      ProblemBoard problems) {
    this.wanted = wanted;
    this.healthy = healthy;
    this.problems = problems;
    listeners = servers.listeners(this::failed);
  }

  @Override
  public void applied(Engine.Round round, boolean everything) {
    var unused = update(wanted.get());
  }

  /**
   * Serves these and no others.
   *
   * @return done once all ports have been tried
   */
  CompletableFuture<?> update(HealthChecks checks) {
    if (checks.equals(served)) {
      return CompletableFuture.completedFuture(null);
    }
    served = checks;
    List<Ip> at = checks.at();
    Map<InetSocketAddress, HttpHandler> handlers = new LinkedHashMap<>();
    Map<InetSocketAddress, ServiceKey> places = new LinkedHashMap<>();
    Map<Integer, ServiceKey> ports = new HashMap<>();
    List<Problem> losers = new ArrayList<>();
    checks
        .services()
        .forEach(
            (service, check) -> {
              ServiceKey other = ports.putIfAbsent(check.port(), service);
              if (other != null) {
                losers.add(problem(service, check.port() + " is that of Service " + other));
                return;
              }
              for (Ip ip : at == null ? List.of(ANYWHERE) : at) {
                InetSocketAddress place = place(ip, check.port());
                places.put(place, service);
                handlers.put(place, handler(service, check.localEndpoints()));
              }
            });
    changed(places, losers);
    return listeners.serve(handlers);
  }

  private HttpHandler handler(ServiceKey service, int localEndpoints) {
    return request ->
        CompletableFuture.completedFuture(answer(service, localEndpoints, healthy.getAsBoolean()));
  }

  /** Any path, any verb (S-131…S-134). */
  private static HttpAnswer answer(ServiceKey service, int localEndpoints, boolean healthy) {
    String body =
        """
        {
        \t"service": {
        \t\t"namespace": "%s",
        \t\t"name": "%s"
        \t},
        \t"localEndpoints": %d,
        \t"serviceProxyHealthy": %b
        }"""
            .formatted(service.namespace(), service.name(), localEndpoints, healthy);
    return HttpAnswer.json(localEndpoints > 0 && healthy ? 200 : 503, body)
        .with("X-Load-Balancing-Endpoint-Weight", Integer.toString(localEndpoints));
  }

  private synchronized void changed(
      Map<InetSocketAddress, ServiceKey> places, List<Problem> losers) {
    owners = places;
    contested = losers;
    report();
  }

  private synchronized void failed(Map<InetSocketAddress, String> reasons) {
    failures = reasons;
    report();
  }

  private void report() {
    List<Problem> all = new ArrayList<>(contested);
    failures.forEach(
        (place, reason) -> {
          ServiceKey service = owners.get(place);
          if (service != null) {
            all.add(problem(service, AgentServers.cannotListen(place, reason)));
          }
        });
    all.sort(null);
    problems.set(SOURCE, all);
  }

  private static Problem problem(ServiceKey service, String reason) {
    return new Problem("", "Service " + service, FIELD, reason);
  }

  private static InetSocketAddress place(Ip ip, int port) {
    try {
      return new InetSocketAddress(InetAddress.getByAddress(ip.toBytes()), port);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address has the right length", e);
    }
  }
}
