// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

/** The tables of flows, one for each family. */
public enum FlowTable {
  FLOWS4(4, MapName.FLOWS4),
  FLOWS6(6, MapName.FLOWS6);

  private final int family;
  private final MapName map;

  FlowTable(int family, MapName map) {
    this.family = family;
    this.map = map;
  }

  /** 4 or 6. */
  public int family() {
    return family;
  }

  public MapName map() {
    return map;
  }
}
