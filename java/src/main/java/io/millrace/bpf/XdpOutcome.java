// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

/**
 * What became of attaching the XDP program; a device that cannot is nothing unusual.
 *
 * @param errno 0: it stands; else none of ours does
 * @param reason why it does not stand, for whoever runs the node; empty if it does
 */
public record XdpOutcome(int errno, String reason) {
  /** It stands. */
  public static final XdpOutcome STANDS = new XdpOutcome(0, "");

  public boolean stands() {
    return errno == 0;
  }
}
