// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile;

import io.millrace.model.Ip;
import io.millrace.model.Problem;
import io.millrace.model.ServiceKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one Service wants of the kernel.
 *
 * @param rejecting its ClusterIPs: unknown ports are rejected (S-056)
 * @param passing its externalIPs and LoadBalancer VIPs: unknown ports are left alone (S-058)
 * @param healthCheck its health check port; null if it has none
 */
public record ServiceProgram(
    ServiceKey service,
    List<PortProgram> ports,
    List<Ip> rejecting,
    List<Ip> passing,
    @Nullable HealthCheck healthCheck,
    List<Problem> problems) {
  public ServiceProgram {
    ports = List.copyOf(ports);
    rejecting = List.copyOf(rejecting);
    passing = List.copyOf(passing);
    problems = List.copyOf(problems);
  }

  /** A Service that is not ours or is gone. */
  static ServiceProgram empty(ServiceKey service) {
    return new ServiceProgram(service, List.of(), List.of(), List.of(), null, List.of());
  }
}
