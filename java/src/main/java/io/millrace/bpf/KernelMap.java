// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

import io.millrace.bpf.abi.WireMapInfo;
import io.millrace.bpf.jni.Native;
import java.nio.ByteBuffer;

/** A map of the kernel. */
final class KernelMap implements BpfMap {
  /** Entries read by one system call; more than any hash bucket holds. */
  private static final int DUMP_CHUNK = 4096;

  private final Handle owner;
  private final String name;
  private final long address;
  private final int keySize;
  private final int valueSize;
  private final int maxEntries;

  private KernelMap(Handle owner, String name, long address, ByteBuffer info) {
    this.owner = owner;
    this.name = name;
    this.address = address;
    keySize = WireMapInfo.keySize(info, 0);
    valueSize = WireMapInfo.valueSize(info, 0);
    maxEntries = WireMapInfo.maxEntries(info, 0);
  }

  /** The map called {@code name} of the dataplane that {@code owner} holds. */
  static KernelMap of(Handle owner, String name) {
    ByteBuffer info = Calls.direct(WireMapInfo.SIZE);
    long address = Calls.check(Native.dataplaneMap(owner.get(), name, info), "find the map", name);
    return new KernelMap(owner, name, address, info);
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
    checkRoom(keys, keySize, count);
    checkRoom(values, valueSize, count);
    return result(Native.mapUpdate(address(), keys, values, count));
  }

  @Override
  public BatchResult delete(ByteBuffer keys, int count) {
    checkRoom(keys, keySize, count);
    return result(Native.mapDelete(address(), keys, count));
  }

  @Override
  public void forEach(EntryVisitor visitor) {
    int room = Math.min(DUMP_CHUNK, Math.max(maxEntries, 64));
    ByteBuffer keys = Calls.direct(room * keySize);
    ByteBuffer values = Calls.direct(room * valueSize);
    ByteBuffer key = Calls.direct(keySize);
    ByteBuffer value = Calls.direct(valueSize);
    try (Handle dump = openDump()) {
      int n = nextChunk(dump, keys, values, room);
      while (n > 0) {
        for (int i = 0; i < n; i++) {
          key.clear().put(0, keys, i * keySize, keySize);
          value.clear().put(0, values, i * valueSize, valueSize);
          visitor.entry(key, value);
        }
        n = nextChunk(dump, keys, values, room);
      }
    }
  }

  /** Entry {@code index} of a per-CPU array, each of its counters added up over all CPUs. */
  void sumPerCpu(int index, ByteBuffer sums) {
    int rc = Native.mapSumPercpu(address(), index, sums, valueSize / Long.BYTES);
    Calls.check(rc, "read", name + "[" + index + "]");
  }

  private Handle openDump() {
    long dump = Calls.check(Native.dumpOpen(address()), "read", name);
    return new Handle("a dump of " + name, dump, Native::dumpFree);
  }

  private int nextChunk(Handle dump, ByteBuffer keys, ByteBuffer values, int room) {
    return Calls.check(Native.dumpNext(dump.get(), address(), keys, values, room), "read", name);
  }

  /** Only while the dataplane is open, which owns the map. */
  private long address() {
    owner.get();
    return address;
  }

  private void checkRoom(ByteBuffer buffer, int size, int count) {
    if (!buffer.isDirect()) {
      throw new IllegalArgumentException(name + ": the buffer is not direct");
    }
    if (count < 0 || (long) count * size > buffer.capacity()) {
      throw new IllegalArgumentException(
          name + ": " + count + " entries of " + size + " bytes in " + buffer.capacity());
    }
  }

  private static BatchResult result(long packed) {
    return new BatchResult((int) packed, (int) (packed >>> 32));
  }
}
