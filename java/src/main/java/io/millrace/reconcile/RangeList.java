// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.model.Cidr;
import java.util.List;

/** A list in ranges4 or ranges6, shared by all ServicePorts that want its blocks. */
final class RangeList {
  private final boolean v6;
  private final int id;
  private final List<Cidr> blocks;

  /** ServicePorts whose frontends may name it. */
  private int holders;

  /** Grace periods that run. */
  private int graces;

  RangeList(boolean v6, int id, List<Cidr> blocks) {
    this.v6 = v6;
    this.id = id;
    this.blocks = List.copyOf(blocks);
  }

  boolean isV6() {
    return v6;
  }

  /** What a frontend calls it; 0 if there was none left. */
  int id() {
    return id;
  }

  List<Cidr> blocks() {
    return blocks;
  }

  boolean isHeld() {
    return holders > 0;
  }

  void countHolders(int by) {
    holders += by;
  }

  void beginGrace() {
    graces++;
  }

  /** Whether nobody may name it any more; false if another grace period runs after this one. */
  boolean endGrace() {
    graces--;
    return graces == 0 && holders == 0;
  }
}
