// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import java.util.Collection;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;
import org.pcollections.PVector;
import org.pcollections.TreePVector;

/**
 * Everything known of the cluster and this host at one moment. Immutable: the next image shares all
 * that did not change, so an unchanged object is the identical reference in both.
 *
 * @param slices the EndpointSlices of each Service, by name; Services without any are absent
 * @param pods of the whole cluster
 * @param podsOnNodes the same by the name of their node; those without one are absent
 * @param policies by namespace; namespaces without any are absent
 */
public record ClusterImage(
    PMap<ServiceKey, ServiceSpec> services,
    PMap<ServiceKey, PVector<SliceState>> slices,
    PMap<ObjectKey, ServiceKey> sliceOwners,
    PMap<ObjectKey, PodState> pods,
    PMap<String, PMap<ObjectKey, PodState>> podsOnNodes,
    PMap<String, NodeState> nodes,
    PMap<String, NamespaceState> namespaces,
    PMap<String, PMap<ObjectKey, PolicyState>> policies,
    HostState host) {
  /** Nothing is known yet. */
  public static final ClusterImage EMPTY =
      new ClusterImage(
          HashTreePMap.empty(),
          HashTreePMap.empty(),
          HashTreePMap.empty(),
          HashTreePMap.empty(),
          HashTreePMap.empty(),
          HashTreePMap.empty(),
          HashTreePMap.empty(),
          HashTreePMap.empty(),
          HostState.EMPTY);

  /** The slices of a Service, by name; empty if it has none. */
  public PVector<SliceState> slicesOf(ServiceKey service) {
    PVector<SliceState> found = slices.get(service);
    return found == null ? TreePVector.empty() : found;
  }

  /** The pods that run on a node. */
  public Collection<PodState> podsOn(String node) {
    return podsOnNodes.getOrDefault(node, HashTreePMap.empty()).values();
  }

  /** A policy; null if there is none. */
  public @Nullable PolicyState policy(ObjectKey key) {
    return policies.getOrDefault(key.namespace(), HashTreePMap.empty()).get(key);
  }

  /** The policies of a namespace, in no order. */
  public Collection<PolicyState> policiesOf(String namespace) {
    return policies.getOrDefault(namespace, HashTreePMap.empty()).values();
  }

  /** A namespace; one that is not known has pods, and the labels that any has. */
  public NamespaceState namespace(String name) {
    NamespaceState known = namespaces.get(name);
    return known == null ? NamespaceState.unknown(name) : known;
  }
}
