// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

/** What is to be known of a device before it gets the XDP program. */
public enum XdpUse {
  /** VLAN devices stand on it: tags must reach the program. */
  TAGS,
  /** It is no uplink itself: untagged frames are not ours. */
  TRUNK,
  /** Nobody asked for XDP there: not where it makes receiving dearer, as by virtio. */
  AUTO
}
