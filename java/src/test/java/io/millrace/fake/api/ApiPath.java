// SPDX-License-Identifier: Apache-2.0
package io.millrace.fake.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the path of a request means.
 *
 * @param namespace empty: all of them, or a resource that has none
 * @param name empty: the collection
 */
record ApiPath(ApiResource resource, String namespace, String name) {

  /** Null for what the server does not have. */
  static @Nullable ApiPath parse(String path) {
    List<String> parts = List.of(path.substring(1).split("/", -1));
    if (parts.size() > 2 && parts.get(0).equals("api") && parts.get(1).equals("v1")) {
      return within("", parts.subList(2, parts.size()));
    }
    if (parts.size() > 3 && parts.get(0).equals("apis") && parts.get(2).equals("v1")) {
      return within(parts.get(1), parts.subList(3, parts.size()));
    }
    return null;
  }

  private static @Nullable ApiPath within(String group, List<String> parts) {
    boolean inNamespace = parts.size() > 2 && parts.get(0).equals("namespaces");
    List<String> rest = inNamespace ? parts.subList(2, parts.size()) : parts;
    ApiResource resource = ApiResource.at(group, rest.get(0));
    if (resource == null || rest.size() > 2 || (inNamespace && !resource.namespaced())) {
      return null;
    }
    String name = rest.size() == 2 ? rest.get(1) : "";
    if (!name.isEmpty() && resource.namespaced() && !inNamespace) {
      return null;
    }
    return new ApiPath(resource, inNamespace ? parts.get(1) : "", name);
  }

  boolean isCollection() {
    return name.isEmpty();
  }

  boolean holds(ApiObject object) {
    return object.resource() == resource
        && (namespace.isEmpty() || namespace.equals(object.namespace()));
  }
}
