// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile.policy;

import io.millrace.model.Cidr;
import io.millrace.model.LabelSelector;
import io.millrace.model.PolicyState.Block;
import io.millrace.model.PolicyState.Peer;
import io.millrace.model.PolicyState.Pods;
import io.millrace.model.PolicyState.PortRange;
import java.util.List;
import java.util.stream.Collectors;

/** Rules in words. */
final class RuleText {
  private RuleText() {}

  static String peers(List<Peer> peers, String namespace) {
    return peers.isEmpty()
        ? "anybody"
        : peers.stream().map(peer -> peer(peer, namespace)).collect(Collectors.joining(" or "));
  }

  private static String peer(Peer peer, String namespace) {
    if (peer instanceof Block block) {
      String excepts =
          block.excepts().stream().map(Cidr::toString).collect(Collectors.joining(", "));
      return block.cidr() + (excepts.isEmpty() ? "" : " except " + excepts);
    }
    Pods pods = (Pods) peer;
    LabelSelector namespaces = pods.namespaces();
    String where =
        namespaces == null
            ? " of " + namespace
            : namespaces.equals(LabelSelector.ALL)
                ? " of all namespaces"
                : " of namespaces " + namespaces;
    String which = pods.pods().toString();
    return (which.isEmpty() ? "all pods" : "pods " + which) + where;
  }

  static String ports(boolean any, List<PortRange> ports) {
    return any ? "all ports" : ports.stream().map(RuleText::port).collect(Collectors.joining(", "));
  }

  private static String port(PortRange range) {
    if (range.from() == 0 && range.to() == PortRange.MAX) {
      return range.protocol().toString();
    }
    String to = range.to() == range.from() ? "" : "-" + range.to();
    return range.protocol() + " " + range.from() + to;
  }
}
