// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile;

import io.millrace.bpf.abi.BackendFlag;
import io.millrace.model.Ip;

/**
 * An endpoint of a ServicePort that is in use: chosen for new flows, or merely serving, so that its
 * UDP flows stay (S-161).
 *
 * @param flags bits of this class
 */
public record Target(Ip ip, int port, int flags) implements Comparable<Target> {
  /** In the Cluster set (S-027). */
  public static final int ALL = 1;

  /** In the Local set (S-028). */
  public static final int LOCAL = 2;

  /** Runs on this node (S-025). */
  public static final int HERE = 4;

  /** Inside the cluster CIDR or an address of a node. */
  public static final int CLUSTER = 8;

  public boolean has(int flag) {
    return (flags & flag) != 0;
  }

  public boolean sameAddress(Ip otherIp, int otherPort) {
    return port == otherPort && ip.equals(otherIp);
  }

  /** {@code enum backend_flag} of its entry in backends4 or backends6. */
  public int backendFlags() {
    return BackendFlag.BACKEND_ACTIVE
        | (has(HERE) ? BackendFlag.BACKEND_LOCAL : 0)
        | (has(CLUSTER) ? BackendFlag.BACKEND_CLUSTER : 0);
  }

  /** Of {@code enum backend_flag}, which sets it is in: what session affinity asks for. */
  public int chosenFlags() {
    return (has(ALL) ? BackendFlag.BACKEND_CHOSEN : 0)
        | (has(LOCAL) ? BackendFlag.BACKEND_CHOSEN_LOCAL : 0);
  }

  @Override
  public int compareTo(Target other) {
    int order = ip.compareTo(other.ip);
    return order != 0 ? order : Integer.compare(port, other.port);
  }

  @Override
  public String toString() {
    return (ip.isV4() ? ip.toString() : "[" + ip + "]") + ":" + port;
  }
}
