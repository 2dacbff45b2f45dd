// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

/** What a device that has the XDP program is, besides a plain uplink. */
public enum XdpUse {
  /** VLAN devices stand on it: tags must reach the program. */
  TAGS,
  /** It is no uplink itself: untagged frames are not ours. */
  TRUNK
}
