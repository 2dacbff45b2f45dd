// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import io.millrace.model.Ip;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which flows are asked for; all conditions must hold.
 *
 * @param pod addresses of the pod that is one side of the flow; null = any
 * @param services ids of the service ports; null = any, and none at all
 * @param address an address of either side, before or after translation; null = any
 * @param replies also halves that carry replies
 * @param limit how many at most
 */
record FlowFilter(
    @Nullable Set<Ip> pod,
    @Nullable Set<Integer> services,
    @Nullable Ip address,
    boolean replies,
    int limit) {
  boolean wants(int service) {
    return services == null || services.contains(service);
  }

  /** The addresses as packets arrive, and as they leave. */
  boolean wants(Ip source, Ip destination, Ip newSource, Ip newDestination) {
    return (address == null
            || address.equals(source)
            || address.equals(destination)
            || address.equals(newSource)
            || address.equals(newDestination))
        && (pod == null
            || pod.contains(source)
            || pod.contains(destination)
            || pod.contains(newSource)
            || pod.contains(newDestination));
  }

  /** Whether addresses matter at all. */
  boolean looksAtAddresses() {
    return address != null || pod != null;
  }
}
