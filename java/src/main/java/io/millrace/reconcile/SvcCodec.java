// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.bpf.abi.Slots;
import io.millrace.bpf.abi.Svc;
import io.millrace.bpf.abi.Svc4Key;
import io.millrace.bpf.abi.Svc6Key;
import io.millrace.compile.Frontend;
import io.millrace.model.Ip;
import java.nio.ByteBuffer;

/** svcs4, svcs6. */
final class SvcCodec implements Codec<Frontend, SvcEntry> {
  private final boolean v6;

  SvcCodec(boolean v6) {
    this.v6 = v6;
  }

  @Override
  public int keySize() {
    return v6 ? Svc6Key.SIZE : Svc4Key.SIZE;
  }

  @Override
  public int valueSize() {
    return Svc.SIZE;
  }

  @Override
  public void writeKey(ByteBuffer buf, int at, Frontend key) {
    if (v6) {
      Svc6Key.clear(buf, at);
      Addresses.write6(buf, at + Svc6Key.ADDR_OFFSET, key.ip());
      Svc6Key.port(buf, at, key.port());
      Svc6Key.proto(buf, at, key.protocol());
    } else {
      Svc4Key.clear(buf, at);
      Svc4Key.addr(buf, at, key.ip().v4());
      Svc4Key.port(buf, at, key.port());
      Svc4Key.proto(buf, at, key.protocol());
    }
  }

  @Override
  public Frontend readKey(ByteBuffer buf, int at) {
    return v6
        ? new Frontend(
            Addresses.read6(buf, at + Svc6Key.ADDR_OFFSET),
            Svc6Key.port(buf, at),
            Svc6Key.proto(buf, at))
        : new Frontend(
            Ip.ofV4(Svc4Key.addr(buf, at)), Svc4Key.port(buf, at), Svc4Key.proto(buf, at));
  }

  @Override
  public void writeValue(ByteBuffer buf, int at, SvcEntry value) {
    Svc.clear(buf, at);
    Svc.id(buf, at, value.id());
    Svc.algo(buf, at, value.algo());
    Svc.flags(buf, at, value.flags());
    Svc.affinityS(buf, at, value.affinitySeconds());
    Slots.base(buf, at + Svc.ALL_OFFSET, value.allBase());
    Slots.count(buf, at + Svc.ALL_OFFSET, value.allCount());
    Slots.base(buf, at + Svc.LOCAL_OFFSET, value.localBase());
    Slots.count(buf, at + Svc.LOCAL_OFFSET, value.localCount());
    Slots.base(buf, at + Svc.RING_OFFSET, value.ringBase());
    Slots.count(buf, at + Svc.RING_OFFSET, value.ringCount());
    Svc.ranges(buf, at, value.ranges());
  }

  @Override
  public SvcEntry readValue(ByteBuffer buf, int at) {
    return new SvcEntry(
        Svc.id(buf, at),
        Svc.algo(buf, at),
        Svc.flags(buf, at),
        Svc.affinityS(buf, at),
        Slots.base(buf, at + Svc.ALL_OFFSET),
        Slots.count(buf, at + Svc.ALL_OFFSET),
        Slots.base(buf, at + Svc.LOCAL_OFFSET),
        Slots.count(buf, at + Svc.LOCAL_OFFSET),
        Slots.base(buf, at + Svc.RING_OFFSET),
        Slots.count(buf, at + Svc.RING_OFFSET),
        Svc.ranges(buf, at));
  }
}
