// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

/** What a device is to the node, and so which programs stand on it. */
public enum Role {
  /** Leads out of the node: {@code uplink_in*}, {@code uplink_out*}. */
  UPLINK,
  /** Host side of a pod's veth: {@code pod_in*}, {@code pod_out*}. */
  POD
}
