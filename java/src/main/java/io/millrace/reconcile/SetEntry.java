// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.compile.policy.Bits;
import io.millrace.compile.policy.PolicySet;

/** A value of sets. */
record SetEntry(Bits anyPeer4, Bits anyPeer6, Bits anyPort, long next, boolean audit) {
  static SetEntry of(PolicySet set) {
    return new SetEntry(set.anyPeer4(), set.anyPeer6(), set.anyPort(), set.next(), set.audit());
  }
}
