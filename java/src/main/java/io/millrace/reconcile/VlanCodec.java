// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.bpf.abi.Vlan;
import io.millrace.bpf.abi.VlanKey;
import io.millrace.compile.NodeTables;
import java.nio.ByteBuffer;

/** vlans. */
final class VlanCodec implements Codec<NodeTables.VlanKey, NodeTables.Vlan> {
  @Override
  public int keySize() {
    return VlanKey.SIZE;
  }

  @Override
  public int valueSize() {
    return Vlan.SIZE;
  }

  @Override
  public void writeKey(ByteBuffer buf, int at, NodeTables.VlanKey key) {
    VlanKey.clear(buf, at);
    VlanKey.ifindex(buf, at, key.ifindex());
    VlanKey.vid(buf, at, key.vid());
  }

  @Override
  public NodeTables.VlanKey readKey(ByteBuffer buf, int at) {
    return new NodeTables.VlanKey(VlanKey.ifindex(buf, at), VlanKey.vid(buf, at));
  }

  @Override
  public void writeValue(ByteBuffer buf, int at, NodeTables.Vlan value) {
    Vlan.clear(buf, at);
    Vlan.ifindex(buf, at, value.ifindex());
    Vlan.vid(buf, at, value.vid());
  }

  @Override
  public NodeTables.Vlan readValue(ByteBuffer buf, int at) {
    return new NodeTables.Vlan(Vlan.ifindex(buf, at), Vlan.vid(buf, at));
  }
}
