// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import org.pcollections.HashTreePMap;
import org.pcollections.PMap;
import org.pcollections.PVector;
import org.pcollections.TreePVector;

/**
 * Everything known of the cluster and this host at one moment. Immutable: the next image shares all
 * that did not change, so an unchanged object is the identical reference in both.
 *
 * @param slices the EndpointSlices of each Service, by name; Services without any are absent
 */
public record ClusterImage(
    PMap<ServiceKey, ServiceSpec> services,
    PMap<ServiceKey, PVector<SliceState>> slices,
    PMap<ObjectKey, ServiceKey> sliceOwners,
    PMap<ObjectKey, PodState> pods,
    PMap<String, NodeState> nodes,
    PMap<String, NamespaceState> namespaces,
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
          HostState.EMPTY);

  /** The slices of a Service, by name; empty if it has none. */
  public PVector<SliceState> slicesOf(ServiceKey service) {
    PVector<SliceState> found = slices.get(service);
    return found == null ? TreePVector.empty() : found;
  }
}
