// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import java.util.List;

/**
 * What matters of a Node.
 *
 * @param internalIps {@code status.addresses} of type InternalIP, in their order
 * @param otherIps its other addresses
 * @param podCidrs {@code spec.podCIDRs}
 */
public record NodeState(String name, List<Ip> internalIps, List<Ip> otherIps, List<Cidr> podCidrs)
    implements ClusterObject {
  public NodeState {
    internalIps = List.copyOf(internalIps);
    otherIps = List.copyOf(otherIps);
    podCidrs = List.copyOf(podCidrs);
  }

  @Override
  public ObjectKey key() {
    return new ObjectKey(ObjectKey.Kind.NODE, "", name);
  }
}
