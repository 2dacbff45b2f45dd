// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.bpf.abi.Abi;
import io.millrace.bpf.abi.RuleBits;
import io.millrace.bpf.abi.SetPeerKey;
import io.millrace.bpf.abi.SetPortKey;
import io.millrace.compile.policy.Bits;
import java.nio.ByteBuffer;

/** set_peers and set_ports: the same values under different keys. */
abstract class RowCodec<K> implements Codec<K, Bits> {
  /** set_peers. */
  static final class Peers extends RowCodec<SetPeer> {
    @Override
    public int keySize() {
      return SetPeerKey.SIZE;
    }

    @Override
    public void writeKey(ByteBuffer buf, int at, SetPeer key) {
      SetPeerKey.set(buf, at, key.set());
      SetPeerKey.peerClass(buf, at, key.peerClass());
    }

    @Override
    public SetPeer readKey(ByteBuffer buf, int at) {
      return new SetPeer(SetPeerKey.set(buf, at), SetPeerKey.peerClass(buf, at));
    }
  }

  /** set_ports. */
  static final class Ports extends RowCodec<SetPort> {
    @Override
    public int keySize() {
      return SetPortKey.SIZE;
    }

    @Override
    public void writeKey(ByteBuffer buf, int at, SetPort key) {
      SetPortKey.clear(buf, at);
      SetPortKey.set(buf, at, key.set());
      SetPortKey.portClass(buf, at, key.portClass());
    }

    @Override
    public SetPort readKey(ByteBuffer buf, int at) {
      return new SetPort(SetPortKey.set(buf, at), SetPortKey.portClass(buf, at));
    }
  }

  @Override
  public int valueSize() {
    return RuleBits.SIZE;
  }

  @Override
  public void writeValue(ByteBuffer buf, int at, Bits value) {
    for (int i = 0; i < Abi.POLICY_WORDS; i++) {
      RuleBits.word(buf, at, i, value.word(i));
    }
  }

  @Override
  public Bits readValue(ByteBuffer buf, int at) {
    return new Bits(
        RuleBits.word(buf, at, 0),
        RuleBits.word(buf, at, 1),
        RuleBits.word(buf, at, 2),
        RuleBits.word(buf, at, 3));
  }
}
