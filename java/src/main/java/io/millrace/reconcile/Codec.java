// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import java.nio.ByteBuffer;

/** Between records and the bytes of one map, by the accessors generated from {@code abi.h}. */
interface Codec<K, V> {
  int keySize();

  int valueSize();

  void writeKey(ByteBuffer buf, int at, K key);

  void writeValue(ByteBuffer buf, int at, V value);

  K readKey(ByteBuffer buf, int at);

  V readValue(ByteBuffer buf, int at);

  /** False for what an array holds where nobody wrote. */
  default boolean isPresent(V value) {
    return true;
  }
}
