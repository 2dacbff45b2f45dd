// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;
import org.pcollections.PVector;
import org.pcollections.TreePVector;

/**
 * Changes on top of an image, and which parts of it they touch. Used once: {@link #put} and {@link
 * #remove} as often as needed, then {@link #apply}.
 */
public final class ClusterDelta {
  private final Set<ServiceKey> touchedServices = new LinkedHashSet<>();
  private final Set<ObjectKey> touchedPods = new LinkedHashSet<>();
  private final Set<String> touchedNamespaces = new LinkedHashSet<>();
  private final Set<ObjectKey> touchedPolicies = new LinkedHashSet<>();
  private final Set<String> nodesOfPods = new HashSet<>();
  private PMap<ServiceKey, ServiceSpec> services;
  private PMap<ServiceKey, PVector<SliceState>> slices;
  private PMap<ObjectKey, ServiceKey> sliceOwners;
  private PMap<ObjectKey, PodState> pods;
  private PMap<String, PMap<ObjectKey, PodState>> podsOnNodes;
  private PMap<String, NodeState> nodes;
  private PMap<String, NamespaceState> namespaces;
  private PMap<String, PMap<ObjectKey, PolicyState>> policies;
  private HostState host;
  private boolean touchedNode;

  public ClusterDelta(ClusterImage before) {
    services = before.services();
    slices = before.slices();
    sliceOwners = before.sliceOwners();
    pods = before.pods();
    podsOnNodes = before.podsOnNodes();
    nodes = before.nodes();
    namespaces = before.namespaces();
    policies = before.policies();
    host = before.host();
  }

  /** An object as it is now; null if it is gone. */
  public void change(ObjectKey key, @Nullable ClusterObject object) {
    if (object == null) {
      remove(key);
    } else {
      put(object);
    }
  }

  /** An object that is new or different. */
  public void put(ClusterObject object) {
    if (object instanceof ServiceSpec service) {
      services = services.plus(service.service(), service);
      touchedServices.add(service.service());
    } else if (object instanceof SliceState slice) {
      removeSlice(slice.key());
      addSlice(slice);
    } else if (object instanceof PodState pod) {
      ObjectKey key = pod.key();
      removePod(key);
      pods = pods.plus(key, pod);
      podsOnNodes = grouped(podsOnNodes, pod.nodeName(), key, pod);
      touch(pod);
    } else if (object instanceof NodeState node) {
      nodes = nodes.plus(node.name(), node);
      touchedNode = true;
    } else if (object instanceof NamespaceState namespace) {
      namespaces = namespaces.plus(namespace.name(), namespace);
      touchedNamespaces.add(namespace.name());
    } else if (object instanceof PolicyState policy) {
      ObjectKey key = policy.key();
      policies = grouped(policies, key.namespace(), key, policy);
      touchedPolicies.add(key);
    } else if (object instanceof HostState state) {
      host = state;
      touchedNode = true;
    }
  }

  /** An object that is gone; not having been there is no error. */
  public void remove(ObjectKey key) {
    switch (key.kind()) {
      case SERVICE -> {
        ServiceKey service = new ServiceKey(key.namespace(), key.name());
        services = services.minus(service);
        touchedServices.add(service);
      }
      case SLICE -> removeSlice(key);
      case POD -> removePod(key);
      case NODE -> {
        nodes = nodes.minus(key.name());
        touchedNode = true;
      }
      case NAMESPACE -> {
        namespaces = namespaces.minus(key.name());
        touchedNamespaces.add(key.name());
      }
      case POLICY -> {
        policies = ungrouped(policies, key.namespace(), key);
        touchedPolicies.add(key);
      }
      case HOST -> {
        host = HostState.EMPTY;
        touchedNode = true;
      }
    }
  }

  /** The image with all changes. */
  public ClusterImage apply() {
    return new ClusterImage(
        services, slices, sliceOwners, pods, podsOnNodes, nodes, namespaces, policies, host);
  }

  /** Services that changed themselves or one of whose slices did, and Pods with hostPorts. */
  public Set<ServiceKey> touchedServices() {
    return touchedServices;
  }

  /** Whether a Node, a Pod of the node of this name or this host changed. */
  public boolean touchedNode(String name) {
    return touchedNode || nodesOfPods.contains(name);
  }

  /** Pods that changed, wherever they run. */
  public Set<ObjectKey> touchedPods() {
    return touchedPods;
  }

  public Set<String> touchedNamespaces() {
    return touchedNamespaces;
  }

  public Set<ObjectKey> touchedPolicies() {
    return touchedPolicies;
  }

  private void touch(PodState pod) {
    touchedPods.add(pod.key());
    if (pod.nodeName() != null) {
      nodesOfPods.add(pod.nodeName());
    }
    if (!pod.hostPorts().isEmpty()) {
      touchedServices.add(ServiceKey.ofPod(pod.namespace(), pod.name()));
    }
  }

  private void removePod(ObjectKey key) {
    PodState old = pods.get(key);
    if (old != null) {
      pods = pods.minus(key);
      podsOnNodes = ungrouped(podsOnNodes, old.nodeName(), key);
      touch(old);
    }
  }

  private static <T> PMap<String, PMap<ObjectKey, T>> grouped(
      PMap<String, PMap<ObjectKey, T>> groups, @Nullable String group, ObjectKey key, T object) {
    if (group == null) {
      return groups;
    }
    PMap<ObjectKey, T> old = groups.get(group);
    PMap<ObjectKey, T> objects = old == null ? HashTreePMap.empty() : old;
    return groups.plus(group, objects.plus(key, object));
  }

  private static <T> PMap<String, PMap<ObjectKey, T>> ungrouped(
      PMap<String, PMap<ObjectKey, T>> groups, @Nullable String group, ObjectKey key) {
    PMap<ObjectKey, T> old = group == null ? null : groups.get(group);
    if (old == null || group == null) {
      return groups;
    }
    PMap<ObjectKey, T> rest = old.minus(key);
    return rest.isEmpty() ? groups.minus(group) : groups.plus(group, rest);
  }

  private void addSlice(SliceState slice) {
    ServiceKey service = slice.service();
    if (service == null) {
      return;
    }
    PVector<SliceState> old = slices.get(service);
    PVector<SliceState> all = old == null ? TreePVector.empty() : old;
    int at = 0;
    while (at < all.size() && all.get(at).name().compareTo(slice.name()) < 0) {
      at++;
    }
    slices = slices.plus(service, all.plus(at, slice));
    sliceOwners = sliceOwners.plus(slice.key(), service);
    touchedServices.add(service);
  }

  private void removeSlice(ObjectKey key) {
    ServiceKey service = sliceOwners.get(key);
    if (service == null) {
      return;
    }
    PVector<SliceState> rest = TreePVector.empty();
    PVector<SliceState> old = slices.get(service);
    if (old != null) {
      for (SliceState slice : old) {
        if (!slice.name().equals(key.name())) {
          rest = rest.plus(slice);
        }
      }
    }
    slices = rest.isEmpty() ? slices.minus(service) : slices.plus(service, rest);
    sliceOwners = sliceOwners.minus(key);
    touchedServices.add(service);
  }
}
