// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.bpf.abi.Block;
import io.millrace.bpf.abi.Block4Key;
import io.millrace.bpf.abi.Block6Key;
import io.millrace.model.Cidr;
import io.millrace.model.Ip;
import java.nio.ByteBuffer;

/** blocks4, blocks6. */
final class BlockCodec implements Codec<Cidr, Classes> {
  private final boolean v6;

  BlockCodec(boolean v6) {
    this.v6 = v6;
  }

  @Override
  public int keySize() {
    return v6 ? Block6Key.SIZE : Block4Key.SIZE;
  }

  @Override
  public int valueSize() {
    return Block.SIZE;
  }

  @Override
  public void writeKey(ByteBuffer buf, int at, Cidr key) {
    if (v6) {
      Block6Key.prefixlen(buf, at, key.prefix());
      Addresses.write6(buf, at + Block6Key.ADDR_OFFSET, key.base());
    } else {
      Block4Key.prefixlen(buf, at, key.prefix());
      Block4Key.addr(buf, at, key.base().v4());
    }
  }

  @Override
  public Cidr readKey(ByteBuffer buf, int at) {
    if (v6) {
      Ip base = Addresses.read6(buf, at + Block6Key.ADDR_OFFSET);
      return new Cidr(base, Block6Key.prefixlen(buf, at));
    }
    return new Cidr(Ip.ofV4(Block4Key.addr(buf, at)), Block4Key.prefixlen(buf, at));
  }

  @Override
  public void writeValue(ByteBuffer buf, int at, Classes value) {
    Block.peerClass(buf, at, 0, value.side0());
    Block.peerClass(buf, at, 1, value.side1());
  }

  @Override
  public Classes readValue(ByteBuffer buf, int at) {
    return new Classes(Block.peerClass(buf, at, 0), Block.peerClass(buf, at, 1));
  }
}
