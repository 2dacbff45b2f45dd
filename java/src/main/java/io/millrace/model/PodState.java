// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What matters of a Pod.
 *
 * @param ips {@code status.podIPs}; empty once it has finished
 * @param nodeName the node it runs on; null while it is not scheduled
 * @param hostPorts ports of its node that lead to it (S-171); empty once it has finished, and on
 *     the host's network
 * @param socketLb what its annotation {@link #SOCKET_LB} says; null if it has none
 */
public record PodState(
    String namespace,
    String name,
    @Nullable String nodeName,
    boolean hostNetwork,
    List<Ip> ips,
    List<HostPort> hostPorts,
    @Nullable String socketLb)
    implements ClusterObject {
  /** The annotation by which a Pod asks that its sockets see services' own addresses. */
  public static final String SOCKET_LB = "millrace.io/socket-lb";

  public PodState {
    ips = List.copyOf(ips);
    hostPorts = List.copyOf(hostPorts);
  }

  /**
   * A port of the node that leads to one of the pod.
   *
   * @param hostIp the address of the node; null if not given, else as written: unspecified ones and
   *     loopback have their meaning here
   * @param hostPort 1…65535
   * @param port the pod's own, 1…65535
   */
  public record HostPort(@Nullable Ip hostIp, int hostPort, Protocol protocol, int port) {}

  @Override
  public ObjectKey key() {
    return new ObjectKey(ObjectKey.Kind.POD, namespace, name);
  }
}
