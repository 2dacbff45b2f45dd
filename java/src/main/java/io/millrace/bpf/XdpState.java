// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

/** Whether our XDP program stands on a device. */
public enum XdpState {
  /** None of ours. */
  NONE,
  /** Ours, of an earlier process: it works with the same maps. */
  OTHER,
  /** That of this process. */
  CURRENT
}
