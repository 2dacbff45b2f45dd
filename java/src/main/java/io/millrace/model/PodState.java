// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What matters of a Pod. One that has finished is none any more: it has given its addresses back,
 * and others may have them (policy L5).
 *
 * @param ips {@code status.podIPs}
 * @param nodeName the node it runs on; null while it is not scheduled
 * @param hostPorts ports of its node that lead to it (S-171); empty on the host's network
 * @param socketLb what its annotation {@link #SOCKET_LB} says; null if it has none
 * @param labels policies select by them
 * @param namedPorts in order of names and protocols, each pair once (policy P7)
 * @param running {@code status.phase} is Running, and nobody has asked to delete it: one that is
 *     going keeps that phase until its containers have ended, while another may have its address
 * @param createdEpochSecond 0 if it does not say
 */
public record PodState(
    String namespace,
    String name,
    @Nullable String nodeName,
    boolean hostNetwork,
    List<Ip> ips,
    List<HostPort> hostPorts,
    @Nullable String socketLb,
    Map<String, String> labels,
    List<NamedPort> namedPorts,
    boolean running,
    long createdEpochSecond)
    implements ClusterObject {
  /** The annotation by which a Pod asks that its sockets see services' own addresses. */
  public static final String SOCKET_LB = "millrace.io/socket-lb";

  public PodState {
    ips = List.copyOf(ips);
    hostPorts = List.copyOf(hostPorts);
    labels = Map.copyOf(labels);
    namedPorts = List.copyOf(namedPorts);
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

  /**
   * A port that policies may call by its name.
   *
   * @param port the pod's own, 1…65535
   */
  public record NamedPort(String name, Protocol protocol, int port)
      implements Comparable<NamedPort> {
    private static final Comparator<NamedPort> ORDER =
        Comparator.comparing(NamedPort::name)
            .thenComparing(NamedPort::protocol)
            .thenComparing(NamedPort::port);

    /** The number behind a name, 0 if none of that name and protocol is there (policy P6). */
    public static int find(List<NamedPort> ports, String name, Protocol protocol) {
      for (NamedPort each : ports) {
        if (each.protocol == protocol && each.name.equals(name)) {
          return each.port;
        }
      }
      return 0;
    }

    @Override
    public int compareTo(NamedPort other) {
      return ORDER.compare(this, other);
    }
  }

  @Override
  public ObjectKey key() {
    return new ObjectKey(ObjectKey.Kind.POD, namespace, name);
  }
}
