// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import java.util.List;

/**
 * What matters of a Node.
 *
 * @param internalIps {@code status.addresses} of type InternalIP, in their order
 * @param otherIps its other addresses
 * @param podCidrs {@code spec.podCIDRs}
 * @param zone its label {@link #ZONE}; empty if it has none
 * @param deleting {@code metadata.deletionTimestamp} is set (S-138)
 * @param taintedForDeletion has the taint {@link #DELETION_TAINT} (S-138)
 */
public record NodeState(
    String name,
    List<Ip> internalIps,
    List<Ip> otherIps,
    List<Cidr> podCidrs,
    String zone,
    boolean deleting,
    boolean taintedForDeletion)
    implements ClusterObject {
  /** The label that names a node's zone. */
  public static final String ZONE = "topology.kubernetes.io/zone";

  /** The key of the taint of a node that the cluster autoscaler is about to remove. */
  public static final String DELETION_TAINT = "ToBeDeletedByClusterAutoscaler";

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
