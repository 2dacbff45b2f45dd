// SPDX-License-Identifier: Apache-2.0
package io.millrace.fake;

import io.millrace.bpf.BatchResult;
import io.millrace.bpf.BpfMap;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A hash map or array of bytes. Each single entry passes through the kernel's write hook. */
public final class FakeMap implements BpfMap {
  private static final int E2BIG = 7;

  private final FakeDataplane kernel;
  private final String name;
  private final int keySize;
  private final int valueSize;
  private final int maxEntries;
  private final boolean array;
  private final Map<ByteBuffer, byte[]> entries = new LinkedHashMap<>();

  FakeMap(
      FakeDataplane kernel,
      String name,
      int keySize,
      int valueSize,
      int maxEntries,
      boolean array) {
    this.kernel = kernel;
    this.name = name;
    this.keySize = keySize;
    this.valueSize = valueSize;
    this.maxEntries = maxEntries;
    this.array = array;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int keySize() {
    return keySize;
  }

  @Override
  public int valueSize() {
    return valueSize;
  }

  @Override
  public int maxEntries() {
    return maxEntries;
  }

  @Override
  public BatchResult update(ByteBuffer keys, ByteBuffer values, int count) {
    for (int i = 0; i < count; i++) {
      ByteBuffer key = ByteBuffer.wrap(bytes(keys, i, keySize));
      int errno = kernel.faultFor(name);
      if (errno == 0 && !fits(key)) {
        errno = E2BIG;
      }
      if (errno != 0) {
        return new BatchResult(i, errno);
      }
      entries.put(key, bytes(values, i, valueSize));
      kernel.written(name);
    }
    return new BatchResult(count, 0);
  }

  @Override
  public BatchResult delete(ByteBuffer keys, int count) {
    if (array) {
      return new BatchResult(0, 22);
    }
    for (int i = 0; i < count; i++) {
      int errno = kernel.faultFor(name);
      if (errno != 0) {
        return new BatchResult(i, errno);
      }
      entries.remove(ByteBuffer.wrap(bytes(keys, i, keySize)));
      kernel.written(name);
    }
    return new BatchResult(count, 0);
  }

  @Override
  public void forEach(EntryVisitor visitor) {
    List<Map.Entry<ByteBuffer, byte[]>> copy = new ArrayList<>(entries.entrySet());
    for (Map.Entry<ByteBuffer, byte[]> entry : copy) {
      visitor.entry(
          entry.getKey().duplicate().order(ByteOrder.nativeOrder()),
          ByteBuffer.wrap(entry.getValue()).order(ByteOrder.nativeOrder()));
    }
    if (array) {
      ByteBuffer empty = ByteBuffer.allocate(valueSize).order(ByteOrder.nativeOrder());
      visitor.entry(
          ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(0, maxEntries - 1), empty);
    }
  }

  /** Entries that are there. */
  public int size() {
    return entries.size();
  }

  /** Forgets an entry behind the agent's back; the first one. */
  public void loseFirst() {
    entries.remove(entries.keySet().iterator().next());
  }

  /** Overwrites the value of the first entry behind the agent's back. */
  public void spoilFirst() {
    byte[] value = entries.values().iterator().next();
    value[0] ^= 0x55;
  }

  private boolean fits(ByteBuffer key) {
    if (array) {
      int index = key.duplicate().order(ByteOrder.nativeOrder()).getInt(0);
      return index >= 0 && index < maxEntries;
    }
    return entries.containsKey(key) || entries.size() < maxEntries;
  }

  private static byte[] bytes(ByteBuffer from, int index, int size) {
    byte[] bytes = new byte[size];
    from.get(index * size, bytes);
    return bytes;
  }
}
