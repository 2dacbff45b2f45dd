// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

import java.nio.ByteBuffer;

/**
 * One BPF map as raw bytes; layouts come from the accessors generated from {@code abi.h}.
 *
 * <p>Not thread-safe: owned by one thread, which is the control thread unless it is said otherwise;
 * others may read. Buffers are direct, in native byte order, and hold {@code count} keys (values)
 * one after the other from index 0.
 */
public interface BpfMap {
  /** The name in {@code abi.h}, without version. */
  String name();

  /** Bytes of a key. */
  int keySize();

  /** Bytes of a value. */
  int valueSize();

  /** The most entries it holds. */
  int maxEntries();

  /** Inserts or replaces {@code count} entries, in order. A full map is {@code E2BIG}. */
  BatchResult update(ByteBuffer keys, ByteBuffer values, int count);

  /** Deletes {@code count} entries, in order; a key that is not there counts as deleted. */
  BatchResult delete(ByteBuffer keys, int count);

  /**
   * Shows every entry to {@code visitor}; for an array, every index. Entries changed meanwhile may
   * be seen or not.
   *
   * @throws BpfException if the kernel refuses
   */
  void forEach(EntryVisitor visitor);

  /** Sees one entry; the buffers are valid during the call only, position 0, native byte order. */
  interface EntryVisitor {
    void entry(ByteBuffer key, ByteBuffer value);
  }
}
