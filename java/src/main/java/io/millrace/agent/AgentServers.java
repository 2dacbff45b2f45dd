// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import io.millrace.http.HttpHandler;
import io.millrace.http.HttpListeners;
import io.millrace.http.HttpServers;
import io.millrace.model.Problem;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The listeners that the operator asks for. A port that cannot be had is reported and tried again:
 * services are served all the same.
 */
final class AgentServers {
  private static final String SOURCE = "servers";

  private final ServerConfig config;
  private final HttpListeners listeners;

  AgentServers(ServerConfig config, HttpServers servers, ProblemBoard problems) {
    this.config = config;
    listeners = servers.listeners(failures -> problems.set(SOURCE, describe(failures)));
  }

  /**
   * Begins to listen.
   *
   * @throws IOException if it cannot, and that is to end the agent
   */
  void serve(HttpHandler health, HttpHandler metrics) throws IOException {
    Map<InetSocketAddress, HttpHandler> wanted = new LinkedHashMap<>();
    if (config.healthz() != null) {
      wanted.put(config.healthz(), health);
    }
    if (config.metrics() != null) {
      wanted.put(config.metrics(), metrics);
    }
    var first = listeners.serve(wanted);
    if (config.hardFail()) {
      for (Map.Entry<InetSocketAddress, String> failure : first.join().entrySet()) {
        InetSocketAddress at = failure.getKey();
        String what = option(at) + " " + text(at) + " cannot be listened to: " + failure.getValue();
        throw new IOException(what + "; free it, or use --bind-address-hard-fail=off");
      }
    }
  }

  private String option(InetSocketAddress at) {
    return at.equals(config.healthz()) ? "--healthz-bind-address" : "--metrics-bind-address";
  }

  private List<Problem> describe(Map<InetSocketAddress, String> failures) {
    List<Problem> all = new ArrayList<>();
    failures.forEach(
        (at, reason) -> all.add(new Problem("", "", option(at), cannotListen(at, reason))));
    all.sort(null);
    return all;
  }

  /** What is said of a port that cannot be had. */
  static String cannotListen(InetSocketAddress at, String reason) {
    return "cannot listen on " + text(at) + ": " + reason + "; it is tried again";
  }

  /** {@code 127.0.0.1:80}, {@code [::1]:80}. */
  static String text(InetSocketAddress at) {
    InetAddress address = at.getAddress();
    String host = address.getHostAddress();
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + at.getPort();
  }
}
