// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.bpf.abi.Dev;
import io.millrace.bpf.abi.DevKey;
import io.millrace.compile.NodeTables;
import io.millrace.model.Ip;
import java.nio.ByteBuffer;

/** devs. */
final class DeviceCodec implements Codec<Integer, NodeTables.Device> {
  @Override
  public int keySize() {
    return DevKey.SIZE;
  }

  @Override
  public int valueSize() {
    return Dev.SIZE;
  }

  @Override
  public void writeKey(ByteBuffer buf, int at, Integer key) {
    DevKey.ifindex(buf, at, key);
  }

  @Override
  public Integer readKey(ByteBuffer buf, int at) {
    return DevKey.ifindex(buf, at);
  }

  @Override
  public void writeValue(ByteBuffer buf, int at, NodeTables.Device value) {
    Dev.clear(buf, at);
    Ip v4 = value.v4();
    if (v4 != null) {
      Dev.addr4(buf, at, v4.v4());
    }
    Ip v6 = value.v6();
    if (v6 != null) {
      Addresses.write6(buf, at + Dev.ADDR6_OFFSET, v6);
    }
    byte[] mac = new byte[Dev.MAC_COUNT];
    for (int i = 0; i < mac.length; i++) {
      mac[i] = (byte) (value.mac() >>> (8 * (mac.length - 1 - i)));
    }
    Dev.mac(buf, at, mac);
    Dev.role(buf, at, value.role());
    Dev.flags(buf, at, value.flags());
  }

  @Override
  public NodeTables.Device readValue(ByteBuffer buf, int at) {
    Ip v4 = Ip.ofV4(Dev.addr4(buf, at));
    Ip v6 = Addresses.read6(buf, at + Dev.ADDR6_OFFSET);
    long mac = 0;
    for (byte part : Dev.mac(buf, at)) {
      mac = mac << 8 | (part & 0xff);
    }
    return new NodeTables.Device(
        v4.isUnspecified() ? null : v4,
        v6.isUnspecified() ? null : v6,
        mac,
        Dev.role(buf, at),
        Dev.flags(buf, at));
  }
}
