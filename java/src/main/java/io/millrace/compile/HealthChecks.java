// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile;

import io.millrace.model.Ip;
import io.millrace.model.ServiceKey;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All health check ports of this node.
 *
 * @param at the addresses that have them; null for every address, unless nodePorts are restricted
 *     to some (S-130)
 * @param services in order
 */
public record HealthChecks(@Nullable List<Ip> at, Map<ServiceKey, HealthCheck> services) {
  /** No port at all. */
  public static final HealthChecks NONE = new HealthChecks(null, Map.of());

  public HealthChecks {
    at = at == null ? null : List.copyOf(at);
    services = new TreeMap<>(services);
  }
}
