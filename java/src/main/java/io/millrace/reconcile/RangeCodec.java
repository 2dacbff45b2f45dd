// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.bpf.abi.Range;
import io.millrace.bpf.abi.Range4Key;
import io.millrace.bpf.abi.Range6Key;
import io.millrace.model.Cidr;
import io.millrace.model.Ip;
import java.nio.ByteBuffer;

/** ranges4, ranges6. */
final class RangeCodec implements Codec<RangeKey, Boolean> {
  /** {@code RANGE_LIST_BITS}: a prefix counts from the beginning of the list's id. */
  private static final int LIST_BITS = Integer.SIZE;

  private final boolean v6;

  RangeCodec(boolean v6) {
    this.v6 = v6;
  }

  @Override
  public int keySize() {
    return v6 ? Range6Key.SIZE : Range4Key.SIZE;
  }

  @Override
  public int valueSize() {
    return Range.SIZE;
  }

  @Override
  public void writeKey(ByteBuffer buf, int at, RangeKey key) {
    Cidr block = key.block();
    if (v6) {
      Range6Key.prefixlen(buf, at, LIST_BITS + block.prefix());
      Range6Key.list(buf, at, key.list());
      Addresses.write6(buf, at + Range6Key.ADDR_OFFSET, block.base());
    } else {
      Range4Key.prefixlen(buf, at, LIST_BITS + block.prefix());
      Range4Key.list(buf, at, key.list());
      Range4Key.addr(buf, at, block.base().v4());
    }
  }

  @Override
  public RangeKey readKey(ByteBuffer buf, int at) {
    if (v6) {
      Ip base = Addresses.read6(buf, at + Range6Key.ADDR_OFFSET);
      int prefix = Range6Key.prefixlen(buf, at) - LIST_BITS;
      return new RangeKey(Range6Key.list(buf, at), new Cidr(base, prefix));
    }
    Ip base = Ip.ofV4(Range4Key.addr(buf, at));
    int prefix = Range4Key.prefixlen(buf, at) - LIST_BITS;
    return new RangeKey(Range4Key.list(buf, at), new Cidr(base, prefix));
  }

  @Override
  public void writeValue(ByteBuffer buf, int at, Boolean value) {
    Range.inside(buf, at, value ? 1 : 0);
  }

  @Override
  public Boolean readValue(ByteBuffer buf, int at) {
    return Range.inside(buf, at) == 1;
  }
}
