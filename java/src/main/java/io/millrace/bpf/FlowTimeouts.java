// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

/** Seconds after which a flow without packets ends, by state; see {@code enum flow_timeout}. */
public record FlowTimeouts(
    int tcpNew,
    int tcpEstablished,
    int tcpClosing,
    int tcpClosed,
    int udpNew,
    int udpEstablished,
    int icmp) {
  /**
   * The defaults. Established TCP is kept as long as kube-proxy's {@code
   * nf_conntrack_tcp_timeout_established} (24 h), so that nobody loses an idle connection by moving
   * here.
   */
  public static final FlowTimeouts DEFAULT = new FlowTimeouts(60, 86_400, 3600, 60, 30, 120, 30);
}
