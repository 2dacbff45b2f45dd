// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.bpf.abi.Abi;
import java.nio.ByteBuffer;

/** port_cells, an array: an element that is empty is not there. */
final class PortCellCodec implements Codec<Integer, PortCell> {
  @Override
  public int keySize() {
    return Integer.BYTES;
  }

  @Override
  public int valueSize() {
    return io.millrace.bpf.abi.PortCell.SIZE;
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
  public void writeValue(ByteBuffer buf, int at, PortCell value) {
    for (int i = 0; i < Abi.PORT_CELL; i++) {
      io.millrace.bpf.abi.PortCell.portClass(buf, at, i, value.at(i));
    }
  }

  @Override
  public PortCell readValue(ByteBuffer buf, int at) {
    int[] classes = new int[Abi.PORT_CELL];
    for (int i = 0; i < classes.length; i++) {
      classes[i] = io.millrace.bpf.abi.PortCell.portClass(buf, at, i);
    }
    return PortCell.of(classes);
  }

  @Override
  public boolean isPresent(PortCell value) {
    return !value.equals(PortCell.NONE);
  }
}
