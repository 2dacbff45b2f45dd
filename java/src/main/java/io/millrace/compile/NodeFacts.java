// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile;

import io.millrace.model.CidrSet;
import io.millrace.model.Ip;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What the compilation of services depends on besides the Service and its slices.
 *
 * @param nodeName this node
 * @param zone the zone of this node; empty if it has none (S-045)
 * @param nodePortAddresses addresses that serve NodePorts, in order
 * @param loopbackAddresses loopback addresses that serve NodePorts to sockets of this host, in
 *     order
 * @param ownAddresses all addresses of this host
 * @param sockets whether sockets of this host find frontends on loopback addresses
 * @param externalIps whether externalIPs are served (S-117)
 * @param cluster what is inside the cluster
 */
record NodeFacts(
    String nodeName,
    String zone,
    List<Ip> nodePortAddresses,
    List<Ip> loopbackAddresses,
    Set<Ip> ownAddresses,
    boolean sockets,
    boolean externalIps,
    Inside cluster) {
  NodeFacts {
    nodePortAddresses = List.copyOf(nodePortAddresses);
    loopbackAddresses = List.copyOf(loopbackAddresses);
    ownAddresses = Set.copyOf(ownAddresses);
  }

  /**
   * The addresses that are inside the cluster. Each Node that joins or leaves changes them, but for
   * hardly any Service.
   *
   * @param nodes the addresses of all nodes, this one included
   * @param pods where pods live
   */
  record Inside(Set<Ip> nodes, CidrSet pods) {
    Inside {
      nodes = Set.copyOf(nodes);
    }

    boolean has(Ip ip) {
      return nodes.contains(ip) || pods.contains(ip);
    }

    /** Holds of all addresses of which the two may say different things, and of few others. */
    Predicate<Ip> difference(Inside other) {
      Set<Ip> either = new HashSet<>(nodes);
      either.addAll(other.nodes);
      either.removeIf(ip -> nodes.contains(ip) && other.nodes.contains(ip));
      CidrSet blocks = pods.difference(other.pods);
      return ip -> either.contains(ip) || blocks.contains(ip);
    }
  }

  /** These facts, but for what is inside the cluster. */
  NodeFacts with(Inside inside) {
    return new NodeFacts(
        nodeName,
        zone,
        nodePortAddresses,
        loopbackAddresses,
        ownAddresses,
        sockets,
        externalIps,
        inside);
  }
}
