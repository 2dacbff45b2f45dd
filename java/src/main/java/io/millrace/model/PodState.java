// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What matters of a Pod.
 *
 * @param ips {@code status.podIPs}; empty once it has finished
 * @param nodeName the node it runs on; null while it is not scheduled
 * @param socketLb what its annotation {@link #SOCKET_LB} says; null if it has none
 */
public record PodState(
    String namespace,
    String name,
    @Nullable String nodeName,
    boolean hostNetwork,
    List<Ip> ips,
    @Nullable String socketLb)
    implements ClusterObject {
  /** The annotation by which a Pod asks that its sockets see services' own addresses. */
  public static final String SOCKET_LB = "millrace.io/socket-lb";

  public PodState {
    ips = List.copyOf(ips);
  }

  @Override
  public ObjectKey key() {
    return new ObjectKey(ObjectKey.Kind.POD, namespace, name);
  }
}
