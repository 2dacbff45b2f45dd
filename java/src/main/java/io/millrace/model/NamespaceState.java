// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import java.util.Map;

/** What matters of a Namespace: the labels that policies select by. */
public record NamespaceState(String name, Map<String, String> labels) implements ClusterObject {
  public NamespaceState {
    labels = Map.copyOf(labels);
  }

  @Override
  public ObjectKey key() {
    return new ObjectKey(ObjectKey.Kind.NAMESPACE, "", name);
  }
}
