// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

import io.millrace.bpf.abi.ServingHold;

/** Why new connections to services are left to somebody else. */
public enum Hold {
  /** They are not: services are served. */
  NONE(ServingHold.HOLD_NONE),
  /** The programs do not stand everywhere yet. */
  START(ServingHold.HOLD_START),
  /** Handed back, until an operator says otherwise. */
  BACK(ServingHold.HOLD_BACK);

  private final int wire;

  Hold(int wire) {
    this.wire = wire;
  }

  /** As the programs read it. */
  int wire() {
    return wire;
  }

  static Hold of(int wire) {
    for (Hold hold : values()) {
      if (hold.wire == wire) {
        return hold;
      }
    }
    throw new IllegalArgumentException("hold " + wire);
  }
}
