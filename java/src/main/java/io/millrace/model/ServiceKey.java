// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

/**
 * A Service by namespace and name, or a Pod whose hostPorts are served as one would be (S-171).
 *
 * @param name of a Pod with a prefix that no Service's name has, see {@link #ofPod}
 */
public record ServiceKey(String namespace, String name) implements Comparable<ServiceKey> {
  private static final String POD = "pod/";

  /** What stands for a Pod's hostPorts. */
  public static ServiceKey ofPod(String namespace, String name) {
    return new ServiceKey(namespace, POD + name);
  }

  /** Whether it stands for a Pod's hostPorts. */
  public boolean isPod() {
    return name.startsWith(POD);
  }

  /** The Pod that it stands for. */
  public ObjectKey pod() {
    return new ObjectKey(ObjectKey.Kind.POD, namespace, name.substring(POD.length()));
  }

  /** The object as messages name it: {@code Service ns/name} or {@code Pod ns/name}. */
  public String title() {
    return isPod() ? "Pod " + namespace + "/" + pod().name() : "Service " + this;
  }

  @Override
  public int compareTo(ServiceKey other) {
    int order = namespace.compareTo(other.namespace);
    return order != 0 ? order : name.compareTo(other.name);
  }

  @Override
  public String toString() {
    return namespace + "/" + name;
  }
}
