// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile;

import io.millrace.model.Cidr;
import io.millrace.model.Ip;
import java.util.List;
import java.util.Set;

/**
 * What the compilation of services depends on besides the Service and its slices.
 *
 * @param nodeName this node
 * @param nodePortAddresses addresses that serve NodePorts, in order
 * @param loopbackAddresses loopback addresses that serve NodePorts to sockets of this host, in
 *     order
 * @param ownAddresses all addresses of this host
 * @param nodeAddresses the addresses of all nodes, this one included
 * @param clusterCidrs where pods live
 */
record NodeFacts(
    String nodeName,
    List<Ip> nodePortAddresses,
    List<Ip> loopbackAddresses,
    Set<Ip> ownAddresses,
    Set<Ip> nodeAddresses,
    Set<Cidr> clusterCidrs) {
  NodeFacts {
    nodePortAddresses = List.copyOf(nodePortAddresses);
    loopbackAddresses = List.copyOf(loopbackAddresses);
    ownAddresses = Set.copyOf(ownAddresses);
    nodeAddresses = Set.copyOf(nodeAddresses);
    clusterCidrs = Set.copyOf(clusterCidrs);
  }

  boolean inCluster(Ip ip) {
    if (nodeAddresses.contains(ip)) {
      return true;
    }
    for (Cidr cidr : clusterCidrs) {
      if (cidr.contains(ip)) {
        return true;
      }
    }
    return false;
  }
}
