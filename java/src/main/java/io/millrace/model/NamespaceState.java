// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What matters of a Namespace.
 *
 * @param labels policies select by them; {@link #NAME} among them, as the API server sets it
 * @param audit what its annotation {@link PolicyState#AUDIT} says; null if it has none
 */
public record NamespaceState(String name, Map<String, String> labels, @Nullable String audit)
    implements ClusterObject {
  /** The label that every Namespace has: its name. */
  public static final String NAME = "kubernetes.io/metadata.name";

  public NamespaceState {
    labels = labels.containsKey(NAME) ? Map.copyOf(labels) : named(name, labels);
  }

  /** A namespace of which nothing is known but that it has pods. */
  public static NamespaceState unknown(String name) {
    return new NamespaceState(name, Map.of(), null);
  }

  @Override
  public ObjectKey key() {
    return new ObjectKey(ObjectKey.Kind.NAMESPACE, "", name);
  }

  private static Map<String, String> named(String name, Map<String, String> labels) {
    Map<String, String> all = new HashMap<>(labels);
    all.put(NAME, name);
    return Map.copyOf(all);
  }
}
