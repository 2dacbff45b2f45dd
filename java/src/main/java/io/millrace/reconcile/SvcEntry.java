// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.bpf.abi.SvcFlag;

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
    int ringCount) {
  /** The entry of an address as such. */
  static SvcEntry address(boolean reject) {
    int flags = SvcFlag.SVC_ADDRESS | (reject ? SvcFlag.SVC_REJECT : 0);
    return new SvcEntry(0, 0, flags, 0, 0, 0, 0, 0, 0, 0);
  }
}
