// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile;

import io.millrace.model.Ip;
import io.millrace.model.ServiceSpec;
import io.millrace.model.SliceState;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a Service's health check port tells load balancers (S-130, S-135).
 *
 * @param port its {@code healthCheckNodePort}
 * @param localEndpoints how many different addresses of this node are ready. Of two families the
 *     larger number, as most endpoints have an address of each; those that are ending do not count,
 *     so that no more clients are sent here while they still serve
 */
public record HealthCheck(int port, int localEndpoints) {
  /** Null if the Service has no such port. */
  static @Nullable HealthCheck of(ServiceSpec spec, List<SliceState> slices, String nodeName) {
    if (spec.healthCheckNodePort() == 0) {
      return null;
    }
    int ready = 0;
    for (boolean v6 : new boolean[] {false, true}) {
      if (spec.clusterIps().stream().anyMatch(ip -> ip.isV6() == v6)) {
        ready = Math.max(ready, ready(slices, nodeName, v6));
      }
    }
    return new HealthCheck(spec.healthCheckNodePort(), ready);
  }

  private static int ready(List<SliceState> slices, String nodeName, boolean v6) {
    Set<Ip> ips = new HashSet<>();
    for (SliceState slice : slices) {
      boolean serves = slice.ports().stream().anyMatch(port -> port.port() != 0);
      if (slice.v6() != v6 || slice.otherProxy() || !serves) {
        continue;
      }
      for (SliceState.Endpoint endpoint : slice.endpoints()) {
        if (endpoint.ready()
            && endpoint.ip().isV6() == v6
            && nodeName.equals(endpoint.nodeName())) {
          ips.add(endpoint.ip());
        }
      }
    }
    return ips.size();
  }
}
