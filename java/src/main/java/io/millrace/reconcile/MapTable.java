// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.bpf.BatchResult;
import io.millrace.bpf.BpfMap;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * A {@link DeltaTable} bound to its map: writes differences in batches and reads back.
 *
 * <p>An entry that the kernel refuses is set aside and tried again after a while; the rest of its
 * batch goes on.
 */
final class MapTable<K, V> {
  private final BpfMap map;
  private final Codec<K, V> codec;
  private final BatchBuffers buffers;
  private final DeltaTable<K, V> delta;
  private final Set<K> refused = new HashSet<>();
  private final Backoff backoff = new Backoff();
  private long writes;
  private long drift;
  private long failures;
  private int lastErrno;

  MapTable(BpfMap map, Codec<K, V> codec, BatchBuffers buffers) {
    this(map, codec, buffers, new DeltaTable<>());
  }

  MapTable(BpfMap map, Codec<K, V> codec, BatchBuffers buffers, DeltaTable<K, V> delta) {
    this.delta = delta;
    if (map.keySize() != codec.keySize() || map.valueSize() != codec.valueSize()) {
      throw new IllegalArgumentException(
          "map " + map.name() + " has other key or value sizes than this version of Millrace");
    }
    this.map = map;
    this.codec = codec;
    this.buffers = buffers;
  }

  DeltaTable<K, V> delta() {
    return delta;
  }

  String name() {
    return map.name();
  }

  int capacity() {
    return map.maxEntries();
  }

  /** Takes over what is in the kernel. */
  void load() {
    forEach(delta::adopt);
  }

  /**
   * Compares the kernel with what is believed to be there, and notes differences for repair.
   *
   * @return how many entries differed
   */
  int audit() {
    Map<K, V> odd = new HashMap<>();
    int[] matched = new int[1];
    forEach(
        (key, value) -> {
          if (value.equals(delta.actual(key))) {
            matched[0]++;
          } else {
            odd.put(key, value);
          }
        });
    odd.forEach(delta::observe);
    int differences = odd.size();
    if (matched[0] + differences != delta.actualSize()) {
      differences += observeMissing();
    }
    drift += differences;
    return differences;
  }

  /** Writes what should be there and is not. */
  void flushUpdates(long nowNs) {
    if (backoff.isDue(nowNs)) {
      refused.clear();
    }
    List<Map.Entry<K, V>> pending = delta.pendingUpdates();
    if (!refused.isEmpty()) {
      pending.removeIf(entry -> refused.contains(entry.getKey()));
    }
    int at = 0;
    while (at < pending.size()) {
      int count = Math.min(BatchBuffers.ENTRIES, pending.size() - at);
      at += update(pending.subList(at, at + count), nowNs);
    }
    settleBackoff();
  }

  /** Deletes what is there and should not be. */
  void flushDeletes(long nowNs) {
    List<K> pending = delta.pendingDeletes();
    if (!refused.isEmpty()) {
      pending.removeIf(refused::contains);
    }
    int at = 0;
    while (at < pending.size()) {
      int count = Math.min(BatchBuffers.ENTRIES, pending.size() - at);
      at += delete(pending.subList(at, at + count), nowNs);
    }
    settleBackoff();
  }

  /** Whether the kernel refused something that still waits. */
  boolean isRefused() {
    return !refused.isEmpty();
  }

  /** Why it refused the last that it refused. */
  int lastErrno() {
    return lastErrno;
  }

  /** Forgets what should be there and is not: whoever asks has to want it again. */
  void giveUp() {
    delta.giveUp();
    refused.clear();
    backoff.succeeded();
  }

  /**
   * Nanoseconds until refused entries are tried again; {@link Long#MAX_VALUE} if there are none.
   */
  long retryWaitNs(long nowNs) {
    return backoff.waitNs(nowNs);
  }

  MapStatus status() {
    return new MapStatus(
        map.name(),
        delta.desiredSize(),
        delta.actualSize(),
        delta.pendingCount(),
        capacity(),
        writes,
        drift,
        failures,
        refused.isEmpty() ? 0 : lastErrno);
  }

  private int update(List<Map.Entry<K, V>> batch, long nowNs) {
    ByteBuffer keys = buffers.keys();
    ByteBuffer values = buffers.values();
    for (int i = 0; i < batch.size(); i++) {
      codec.writeKey(keys, i * codec.keySize(), batch.get(i).getKey());
      codec.writeValue(values, i * codec.valueSize(), batch.get(i).getValue());
    }
    BatchResult result = map.update(keys, values, batch.size());
    for (Map.Entry<K, V> entry : batch.subList(0, result.applied())) {
      if (codec.isPresent(entry.getValue())) {
        delta.confirmUpdate(entry.getKey(), entry.getValue());
      } else {
        delta.confirmCleared(entry.getKey(), entry.getValue());
      }
    }
    writes += result.applied();
    if (result.ok()) {
      return batch.size();
    }
    return refuse(batch.get(result.applied()).getKey(), result, nowNs);
  }

  private int delete(List<K> batch, long nowNs) {
    ByteBuffer keys = buffers.keys();
    for (int i = 0; i < batch.size(); i++) {
      codec.writeKey(keys, i * codec.keySize(), batch.get(i));
    }
    BatchResult result = map.delete(keys, batch.size());
    batch.subList(0, result.applied()).forEach(delta::confirmDelete);
    writes += result.applied();
    if (result.ok()) {
      return batch.size();
    }
    return refuse(batch.get(result.applied()), result, nowNs);
  }

  /** Sets an entry aside; returns how far the batch got, that entry included. */
  private int refuse(K key, BatchResult result, long nowNs) {
    refused.add(key);
    failures++;
    lastErrno = result.errno();
    backoff.failed(nowNs);
    return result.applied() + 1;
  }

  private void settleBackoff() {
    refused.removeIf(key -> !delta.isPending(key));
    if (refused.isEmpty()) {
      backoff.succeeded();
    }
  }

  /** Entries that should be in the kernel and were not seen there. */
  private int observeMissing() {
    Set<K> missing = new HashSet<>(delta.actualKeys());
    forEach((key, value) -> missing.remove(key));
    missing.forEach(key -> delta.observe(key, null));
    return missing.size();
  }

  private void forEach(BiConsumer<K, V> visitor) {
    map.forEach(
        (key, value) -> {
          V entry = codec.readValue(value, 0);
          if (codec.isPresent(entry)) {
            visitor.accept(codec.readKey(key, 0), entry);
          }
        });
  }
}
