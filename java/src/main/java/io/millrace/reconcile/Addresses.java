// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.bpf.abi.Addr6;
import io.millrace.model.Ip;
import java.nio.ByteBuffer;

/** {@code struct addr6} in a buffer. */
final class Addresses {
  private Addresses() {}

  static void write6(ByteBuffer buf, int at, Ip ip) {
    Addr6.w(buf, at, 0, (int) (ip.hi() >>> 32));
    Addr6.w(buf, at, 1, (int) ip.hi());
    Addr6.w(buf, at, 2, (int) (ip.lo() >>> 32));
    Addr6.w(buf, at, 3, (int) ip.lo());
  }

  static Ip read6(ByteBuffer buf, int at) {
    long hi = (long) Addr6.w(buf, at, 0) << 32 | (Addr6.w(buf, at, 1) & 0xffff_ffffL);
    long lo = (long) Addr6.w(buf, at, 2) << 32 | (Addr6.w(buf, at, 3) & 0xffff_ffffL);
    return new Ip(hi, lo);
  }
}
