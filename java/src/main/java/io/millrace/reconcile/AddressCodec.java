// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.bpf.abi.Endpoint4Key;
import io.millrace.bpf.abi.Endpoint6Key;
import io.millrace.model.Ip;
import java.nio.ByteBuffer;

/** Of maps whose key is an address of one family. */
abstract class AddressCodec<V> implements Codec<Ip, V> {
  private final boolean v6;

  AddressCodec(boolean v6) {
    this.v6 = v6;
  }

  @Override
  public final int keySize() {
    return v6 ? Endpoint6Key.SIZE : Endpoint4Key.SIZE;
  }

  @Override
  public final void writeKey(ByteBuffer buf, int at, Ip key) {
    if (v6) {
      Addresses.write6(buf, at + Endpoint6Key.ADDR_OFFSET, key);
    } else {
      Endpoint4Key.addr(buf, at, key.v4());
    }
  }

  @Override
  public final Ip readKey(ByteBuffer buf, int at) {
    return v6
        ? Addresses.read6(buf, at + Endpoint6Key.ADDR_OFFSET)
        : Ip.ofV4(Endpoint4Key.addr(buf, at));
  }
}
