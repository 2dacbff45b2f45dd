// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile;

import io.millrace.compile.policy.PolicyTables;
import io.millrace.model.Ip;
import io.millrace.model.ServicePortKey;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the kernel should hold, or what of it is different from the time before.
 *
 * @param complete everything is named: what is not must go
 * @param ports new and changed ServicePorts
 * @param gone ServicePorts that are no more
 * @param addresses service addresses that are new, changed or gone
 * @param node the tables about this node, always whole
 * @param policy the tables of NetworkPolicies, always whole
 */
public record Desired(
    boolean complete,
    List<Port> ports,
    Set<ServicePortKey> gone,
    Map<Ip, AddressUse> addresses,
    NodeTables node,
    PolicyTables policy) {
  public Desired {
    ports = List.copyOf(ports);
    gone = Collections.unmodifiableSet(new LinkedHashSet<>(gone));
    addresses = Collections.unmodifiableMap(new LinkedHashMap<>(addresses));
  }

  /**
   * A ServicePort.
   *
   * @param rules the frontends that it got; fewer than in its program if others have them
   */
  public record Port(PortProgram program, List<PortProgram.Rule> rules) {
    public Port {
      rules = List.copyOf(rules);
    }

    public ServicePortKey key() {
      return program.key();
    }
  }

  /** What becomes of a service address's unknown ports. */
  public enum AddressUse {
    /** Rejected: a ClusterIP. */
    REJECT,
    /** Left alone: an externalIP or LoadBalancer VIP. */
    PASS,
    /** No service address any more. */
    NONE
  }
}
