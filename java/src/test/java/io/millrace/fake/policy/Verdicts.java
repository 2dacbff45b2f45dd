// SPDX-License-Identifier: Apache-2.0
package io.millrace.fake.policy;

import io.millrace.model.Ip;

/** Who answers a probe: the API's meaning, a model of the kernel's lookup, or the kernel itself. */
public interface Verdicts {
  /**
   * Whether a connection may be opened, as one node sees it: a pod that is not its own is not
   * judged here, and so may.
   *
   * @param protocol IPPROTO_*
   * @param port of {@code to}; 0 for protocols without
   */
  Verdict verdict(Ip from, Ip to, int protocol, int port);

  /**
   * The answer. What is let through because policies are audited counts as allowed.
   *
   * @param ingress whether {@code to} takes it
   * @param egress whether {@code from} may
   */
  record Verdict(boolean ingress, boolean egress) {}
}
