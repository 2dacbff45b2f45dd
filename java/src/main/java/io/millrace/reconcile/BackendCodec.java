// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.bpf.abi.Backend4;
import io.millrace.bpf.abi.Backend6;
import io.millrace.model.Ip;
import java.nio.ByteBuffer;

/** backends4, backends6: arrays by backend id. */
final class BackendCodec implements Codec<Integer, BackendEntry> {
  private final boolean v6;

  BackendCodec(boolean v6) {
    this.v6 = v6;
  }

  @Override
  public int keySize() {
    return Integer.BYTES;
  }

  @Override
  public int valueSize() {
    return v6 ? Backend6.SIZE : Backend4.SIZE;
  }

  @Override
  public void writeKey(ByteBuffer buf, int at, Integer key) {
    buf.putInt(at, key);
  }

  @Override
  public Integer readKey(ByteBuffer buf, int at) {
    return buf.getInt(at);
  }

  @Override
  public void writeValue(ByteBuffer buf, int at, BackendEntry value) {
    if (v6) {
      Backend6.clear(buf, at);
      Addresses.write6(buf, at + Backend6.ADDR_OFFSET, value.ip());
      Backend6.port(buf, at, value.port());
      Backend6.proto(buf, at, value.protocol());
      Backend6.flags(buf, at, value.flags());
      Backend6.svc(buf, at, value.svc());
      Backend6.gen(buf, at, value.gen());
    } else {
      Backend4.clear(buf, at);
      Backend4.addr(buf, at, value.ip().v4());
      Backend4.port(buf, at, value.port());
      Backend4.proto(buf, at, value.protocol());
      Backend4.flags(buf, at, value.flags());
      Backend4.svc(buf, at, value.svc());
      Backend4.gen(buf, at, value.gen());
    }
  }

  @Override
  public BackendEntry readValue(ByteBuffer buf, int at) {
    return v6
        ? new BackendEntry(
            Addresses.read6(buf, at + Backend6.ADDR_OFFSET),
            Backend6.port(buf, at),
            Backend6.proto(buf, at),
            Backend6.flags(buf, at),
            Backend6.svc(buf, at),
            Backend6.gen(buf, at))
        : new BackendEntry(
            Ip.ofV4(Backend4.addr(buf, at)),
            Backend4.port(buf, at),
            Backend4.proto(buf, at),
            Backend4.flags(buf, at),
            Backend4.svc(buf, at),
            Backend4.gen(buf, at));
  }

  /** A freed entry counts as present for its generation. */
  @Override
  public boolean isPresent(BackendEntry value) {
    return value.flags() != 0 || value.gen() != 0 || value.svc() != 0;
  }
}
