// SPDX-License-Identifier: Apache-2.0
package io.millrace.trace;

import io.millrace.bpf.abi.DropReason;

/** What to do about a packet that ends here. */
final class Advice {
  private Advice() {}

  /** Of {@code enum drop_reason}; a sentence. */
  static String of(int reason) {
    return switch (reason) {
      case DropReason.DROP_NO_ENDPOINT ->
          "no endpoint of the Service is ready: look at its selector and at the pods' readiness";
      case DropReason.DROP_UNKNOWN_PORT ->
          "the Service has no such port: `millrace services` lists those it has";
      case DropReason.DROP_NO_LOCAL_ENDPOINT ->
          "its traffic policy is Local and no endpoint runs on this node: ask a node that has one";
      case DropReason.DROP_SOURCE_RANGE ->
          "the sender is not in loadBalancerSourceRanges of the Service: add its block there";
      case DropReason.DROP_BACKEND_INVALID ->
          "the tables contradict each other for a moment: ask again; if it stays, see `millrace"
              + " status`";
      case DropReason.DROP_SNAT_ADDRESS ->
          "this node has no address of the family to send from: give its uplink one";
      case DropReason.DROP_NO_ROUTE ->
          "the routing table refuses the destination: see `ip route get`";
      case DropReason.DROP_FLOW_LIMIT ->
          "the flow table is full: raise --max-flows4 or --max-flows6; `millrace status` tells the"
              + " fill";
      case DropReason.DROP_WRONG_DEVICE ->
          "a connection of this tuple belongs to another device: choose another --source-port";
      case DropReason.DROP_HOST_LOOP ->
          "this host reaches a process of its own through a Service only by the hooks for sockets:"
              + " use --socket-lb on";
      case DropReason.DROP_POLICY_EGRESS ->
          "let an egress rule of the sending pod's policies name the backend and its own port, not"
              + " the Service's";
      case DropReason.DROP_POLICY_INGRESS ->
          "let an ingress rule of the pod's policies name the sender and the pod's own port, not the"
              + " Service's";
      case DropReason.DROP_UNGUARDED ->
          "the pod's policies are not in force yet: see `millrace status`; if the pod is new, ask"
              + " again";
      case DropReason.DROP_SPOOFED -> "a pod sends from its own addresses only";
      default -> "see the drop reasons in `millrace drops`";
    };
  }

  /** Whether the sender is told. */
  static boolean rejects(int reason) {
    return reason == DropReason.DROP_NO_ENDPOINT || reason == DropReason.DROP_UNKNOWN_PORT;
  }
}
