// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What matters of a Pod.
 *
 * @param ips {@code status.podIPs}; empty once it has finished
 * @param nodeName the node it runs on; null while it is not scheduled
 */
public record PodState(
    String namespace, String name, @Nullable String nodeName, boolean hostNetwork, List<Ip> ips)
    implements ClusterObject {
  public PodState {
    ips = List.copyOf(ips);
  }

  @Override
  public ObjectKey key() {
    return new ObjectKey(ObjectKey.Kind.POD, namespace, name);
  }
}
