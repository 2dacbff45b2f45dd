// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

import io.millrace.bpf.abi.ServingAdopted;

/** Which connections that somebody else translates may be under way. */
public enum Adopted {
  NONE(ServingAdopted.ADOPTED_NONE),
  SOME(ServingAdopted.ADOPTED_SOME),
  /** Of UDP as well: sockets without a peer are not led meanwhile. */
  UDP(ServingAdopted.ADOPTED_UDP);

  private final int wire;

  Adopted(int wire) {
    this.wire = wire;
  }

  /** As the programs read it. */
  int wire() {
    return wire;
  }

  static Adopted of(int wire) {
    for (Adopted adopted : values()) {
      if (adopted.wire == wire) {
        return adopted;
      }
    }
    throw new IllegalArgumentException("adopted " + wire);
  }

  static Adopted of(Adoption found) {
    if (!found.isNeeded()) {
      return NONE;
    }
    return found.udp() > 0 ? UDP : SOME;
  }
}
