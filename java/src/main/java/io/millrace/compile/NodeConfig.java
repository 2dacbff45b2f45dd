// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile;

import io.millrace.model.Cidr;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the operator says of this node.
 *
 * @param nodeName the name of its Node object
 * @param uplinks devices that lead out; null: Ethernet devices that are up and carry a default
 *     route or an address of the Node object
 * @param podInterfaces names of the host sides of pods' veths; null: veths whose other end is in
 *     another namespace
 * @param clusterCidrs where pods live; the Nodes' {@code podCIDRs} are added
 * @param externalIps whether {@code spec.externalIPs} are served (S-117)
 * @param xdp which uplinks get the XDP program
 * @param sockets whether sockets are led to backends, which makes nodePorts on loopback possible
 */
public record NodeConfig(
    String nodeName,
    @Nullable Set<String> uplinks,
    @Nullable Pattern podInterfaces,
    List<Cidr> clusterCidrs,
    NodePortAddresses nodePortAddresses,
    boolean externalIps,
    XdpMode xdp,
    boolean sockets) {
  public NodeConfig {
    uplinks = uplinks == null ? null : Set.copyOf(uplinks);
    clusterCidrs = List.copyOf(clusterCidrs);
  }

  /** Everything found by itself. */
  public static NodeConfig automatic(String nodeName) {
    return new NodeConfig(
        nodeName, null, null, List.of(), NodePortAddresses.ALL, true, XdpMode.AUTO, true);
  }
}
