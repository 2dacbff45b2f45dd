// SPDX-License-Identifier: Apache-2.0
package io.millrace.fake.api;

import org.jspecify.annotations.Nullable;

/** A kind of object that the server has. */
public enum ApiResource {
  SERVICES("", "services", "Service", true),
  ENDPOINT_SLICES("discovery.k8s.io", "endpointslices", "EndpointSlice", true),
  NODES("", "nodes", "Node", false),
  PODS("", "pods", "Pod", true),
  NAMESPACES("", "namespaces", "Namespace", false),
  EVENTS("", "events", "Event", true),
  SERVICE_CIDRS("networking.k8s.io", "servicecidrs", "ServiceCIDR", false),
  NETWORK_POLICIES("networking.k8s.io", "networkpolicies", "NetworkPolicy", true);

  private final String group;
  private final String plural;
  private final String kind;
  private final boolean namespaced;

  ApiResource(String group, String plural, String kind, boolean namespaced) {
    this.group = group;
    this.plural = plural;
    this.kind = kind;
    this.namespaced = namespaced;
  }

  String group() {
    return group;
  }

  String plural() {
    return plural;
  }

  String kind() {
    return kind;
  }

  boolean namespaced() {
    return namespaced;
  }

  String apiVersion() {
    return group.isEmpty() ? "v1" : group + "/v1";
  }

  /** Where all of its objects are listed. */
  public String path() {
    return (group.isEmpty() ? "/api/" : "/apis/") + apiVersion() + "/" + plural;
  }

  /** Where one object is. */
  public String path(String namespace, String name) {
    String root = (group.isEmpty() ? "/api/" : "/apis/") + apiVersion() + "/";
    return root + (namespaced ? "namespaces/" + namespace + "/" : "") + plural + "/" + name;
  }

  static @Nullable ApiResource of(String apiVersion, String kind) {
    for (ApiResource resource : values()) {
      if (resource.kind.equals(kind) && resource.apiVersion().equals(apiVersion)) {
        return resource;
      }
    }
    return null;
  }

  static @Nullable ApiResource at(String group, String plural) {
    for (ApiResource resource : values()) {
      if (resource.plural.equals(plural) && resource.group.equals(group)) {
        return resource;
      }
    }
    return null;
  }
}
