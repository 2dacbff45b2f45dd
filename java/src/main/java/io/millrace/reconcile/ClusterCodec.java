// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.bpf.abi.Cluster;
import io.millrace.bpf.abi.Cluster4Key;
import io.millrace.bpf.abi.Cluster6Key;
import io.millrace.model.Cidr;
import io.millrace.model.Ip;
import java.nio.ByteBuffer;

/** cluster4, cluster6. */
final class ClusterCodec implements Codec<Cidr, Boolean> {
  private final boolean v6;

  ClusterCodec(boolean v6) {
    this.v6 = v6;
  }

  @Override
  public int keySize() {
    return v6 ? Cluster6Key.SIZE : Cluster4Key.SIZE;
  }

  @Override
  public int valueSize() {
    return Cluster.SIZE;
  }

  @Override
  public void writeKey(ByteBuffer buf, int at, Cidr key) {
    if (v6) {
      Cluster6Key.prefixlen(buf, at, key.prefix());
      Addresses.write6(buf, at + Cluster6Key.ADDR_OFFSET, key.base());
    } else {
      Cluster4Key.prefixlen(buf, at, key.prefix());
      Cluster4Key.addr(buf, at, key.base().v4());
    }
  }

  @Override
  public Cidr readKey(ByteBuffer buf, int at) {
    return v6
        ? new Cidr(
            Addresses.read6(buf, at + Cluster6Key.ADDR_OFFSET), Cluster6Key.prefixlen(buf, at))
        : new Cidr(Ip.ofV4(Cluster4Key.addr(buf, at)), Cluster4Key.prefixlen(buf, at));
  }

  @Override
  public void writeValue(ByteBuffer buf, int at, Boolean value) {
    Cluster.inside(buf, at, value ? 1 : 0);
  }

  @Override
  public Boolean readValue(ByteBuffer buf, int at) {
    return Cluster.inside(buf, at) == 1;
  }
}
