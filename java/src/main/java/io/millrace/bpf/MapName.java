// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

/** The maps of {@code bpf/abi.h} that the control plane reads, writes or sizes. */
public enum MapName {
  FLOWS4,
  FLOWS6,
  SVCS4,
  SVCS6,
  BACKENDS4,
  BACKENDS6,
  AFFINITY4,
  AFFINITY6,
  ENDPOINTS4,
  ENDPOINTS6,
  CLUSTER4,
  CLUSTER6,
  RANGES4,
  RANGES6,
  DEVS,
  SUBJECTS4,
  SUBJECTS6,
  PEERS4,
  PEERS6,
  BLOCKS4,
  BLOCKS6,
  PORT_CELLS,
  SETS,
  SET_PEERS,
  SET_PORTS,
  GUARD,
  /** Of the XDP program: only there if that is loaded. */
  VLANS;

  /** Whether it is one of those about NetworkPolicy, which are there all or none. */
  public boolean isPolicy() {
    return compareTo(SUBJECTS4) >= 0 && compareTo(GUARD) <= 0;
  }

  /** The name in {@code abi.h}, for example {@code svcs4}. */
  public String mapName() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
