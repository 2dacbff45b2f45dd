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
 */
public record Adoption(int tracked, int written, int gone, int tcp, int udp) {
  public static final Adoption NONE = new Adoption(0, 0, 0, 0, 0);

  /** Connections that have entries afterwards. */
  public int left() {
    return tcp + udp;
  }

  /** What that is for those who open new ones. */
  public Adopted adopted() {
    return Adopted.of(this);
  }
}
