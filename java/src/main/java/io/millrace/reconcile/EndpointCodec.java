// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.bpf.abi.Endpoint;
import io.millrace.bpf.abi.Endpoint4Key;
import io.millrace.bpf.abi.Endpoint6Key;
import io.millrace.compile.NodeTables;
import io.millrace.model.Ip;
import java.nio.ByteBuffer;

/** endpoints4, endpoints6. */
final class EndpointCodec implements Codec<Ip, NodeTables.Endpoint> {
  private final boolean v6;

  EndpointCodec(boolean v6) {
    this.v6 = v6;
  }

  @Override
  public int keySize() {
    return v6 ? Endpoint6Key.SIZE : Endpoint4Key.SIZE;
  }

  @Override
  public int valueSize() {
    return Endpoint.SIZE;
  }

  @Override
  public void writeKey(ByteBuffer buf, int at, Ip key) {
    if (v6) {
      Addresses.write6(buf, at + Endpoint6Key.ADDR_OFFSET, key);
    } else {
      Endpoint4Key.addr(buf, at, key.v4());
    }
  }

  @Override
  public Ip readKey(ByteBuffer buf, int at) {
    return v6
        ? Addresses.read6(buf, at + Endpoint6Key.ADDR_OFFSET)
        : Ip.ofV4(Endpoint4Key.addr(buf, at));
  }

  @Override
  public void writeValue(ByteBuffer buf, int at, NodeTables.Endpoint value) {
    Endpoint.clear(buf, at);
    Endpoint.ifindex(buf, at, value.ifindex());
    Endpoint.flags(buf, at, value.flags());
  }

  @Override
  public NodeTables.Endpoint readValue(ByteBuffer buf, int at) {
    return new NodeTables.Endpoint(Endpoint.ifindex(buf, at), Endpoint.flags(buf, at));
  }
}
