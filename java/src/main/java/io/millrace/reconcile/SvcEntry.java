// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.bpf.abi.SvcAlgo;
import io.millrace.bpf.abi.SvcFlag;
import io.millrace.compile.PortProgram;

/** A value of svcs4 and svcs6: {@code struct svc}. */
record SvcEntry(
    int id,
    int algo,
    int flags,
    int affinitySeconds,
    int allBase,
    int allCount,
    int localBase,
    int localCount,
    int ringBase,
    int ringCount,
    int ranges) {
  /** What a frontend of a port should be. */
  static SvcEntry of(PortState port, PortProgram.Rule rule, int ranges) {
    FamilyState state = port.family(rule.frontend().ip().isV6());
    Run local = rule.usesLocal() ? state.local() : Run.EMPTY;
    Run ring = rule.usesRing() ? state.ring() : Run.EMPTY;
    return new SvcEntry(
        port.svcId(),
        ring.count() == 0 ? SvcAlgo.SVC_ALGO_RANDOM : rule.algo(),
        rule.flags(),
        port.affinitySeconds(),
        state.all().base(),
        state.all().count(),
        local.base(),
        local.count(),
        ring.base(),
        ring.choices(),
        ranges);
  }

  /** The entry of an address as such. */
  static SvcEntry address(boolean reject) {
    int flags = SvcFlag.SVC_ADDRESS | (reject ? SvcFlag.SVC_REJECT : 0);
    return new SvcEntry(0, 0, flags, 0, 0, 0, 0, 0, 0, 0, 0);
  }
}
