// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import java.util.Comparator;

/**
 * One port of a Service, the unit of load balancing (S-013).
 *
 * @param port the port's name, empty if it has none
 */
public record ServicePortKey(ServiceKey service, String port, Protocol protocol)
    implements Comparable<ServicePortKey> {
  private static final Comparator<ServicePortKey> ORDER =
      Comparator.comparing(ServicePortKey::service)
          .thenComparing(ServicePortKey::port)
          .thenComparing(ServicePortKey::protocol);

  @Override
  public int compareTo(ServicePortKey other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return service + (port.isEmpty() ? "" : ":" + port) + "/" + protocol;
  }
}
