// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import java.util.Comparator;

/**
 * What an object is called, across kinds.
 *
 * @param namespace empty for kinds without one
 */
public record ObjectKey(Kind kind, String namespace, String name) implements Comparable<ObjectKey> {
  private static final Comparator<ObjectKey> ORDER =
      Comparator.comparing(ObjectKey::kind)
          .thenComparing(ObjectKey::namespace)
          .thenComparing(ObjectKey::name);

  /** The kinds of object that the agent follows. */
  public enum Kind {
    SERVICE("Service"),
    SLICE("EndpointSlice"),
    POD("Pod"),
    NODE("Node"),
    NAMESPACE("Namespace"),
    POLICY("NetworkPolicy"),
    /** This host, as netlink describes it; there is one. */
    HOST("Host");

    private final String title;

    Kind(String title) {
      this.title = title;
    }

    /** The name that manifests use. */
    public String title() {
      return title;
    }
  }

  @Override
  public int compareTo(ObjectKey other) {
    return ORDER.compare(this, other);
  }

  /** {@code Service default/web}, {@code Node n1}. */
  @Override
  public String toString() {
    return kind.title() + " " + (namespace.isEmpty() ? "" : namespace + "/") + name;
  }
}
