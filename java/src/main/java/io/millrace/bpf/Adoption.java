// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

/**
 * A look at the connections to services that the host's connection tracking translates for somebody
 * else; see {@code struct wire_adoption}.
 *
 * @param tracked that there are
 * @param written entries made, so that their packets are left to the stack
 * @param gone entries taken out again
 * @param tcp connections that have entries afterwards, of TCP and SCTP
 * @param udp likewise
 * @param apart other connections whose source port it has changed, as theirs was in use
 */
public record Adoption(int tracked, int written, int gone, int tcp, int udp, int apart) {
  public static final Adoption NONE = new Adoption(0, 0, 0, 0, 0, 0);

  /** Connections that have entries afterwards. */
  public int left() {
    return tcp + udp;
  }

  /**
   * Whether connection tracking is still needed. Also by what has ended a moment ago: as long as
   * the kernel remembers it, it gives new connections from the same port to the same pod another
   * one.
   */
  boolean isNeeded() {
    return left() > 0 || tracked > 0 || apart > 0;
  }

  /** What that is for those who open new ones. */
  public Adopted adopted() {
    return Adopted.of(this);
  }
}
