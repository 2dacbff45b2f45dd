// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile.policy;

import io.millrace.model.PolicyState.PortRange;
import java.util.List;

/**
 * A rule as pods have it, with the ports that it names as numbers: what a bit of a set says. There
 * is one object for the same policy's same bit: compare by identity.
 */
final class RuleBit {
  final RuleOrigin origin;
  final boolean anyPeer4;
  final boolean anyPeer6;
  final List<Atom> peers;
  final boolean anyPort;
  final List<PortRange> ports;

  RuleBit(
      RuleOrigin origin,
      boolean anyPeer4,
      boolean anyPeer6,
      List<Atom> peers,
      boolean anyPort,
      List<PortRange> ports) {
    this.origin = origin;
    this.anyPeer4 = anyPeer4;
    this.anyPeer6 = anyPeer6;
    this.peers = peers;
    this.anyPort = anyPort;
    this.ports = ports;
  }

  void addTo(Canonical content) {
    content.add(origin.namespace()).add(origin.policy()).add(origin.rule());
    content.add(anyPeer4).add(anyPeer6).add(anyPort).add(peers.size());
    peers.forEach(peer -> content.add(peer.content()));
    content.add(ports.size());
    ports.forEach(content::add);
  }
}
