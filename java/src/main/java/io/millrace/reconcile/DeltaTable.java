// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One table as it is in the kernel and as it should be.
 *
 * <pre>
 *        actual              desired = actual, with updates over it and without deletes
 *   ┌───────────────┐
 *   │ deletes │ ... │ updates │
 *   └─────────┴─────┴─────────┘
 * </pre>
 *
 * What is in force is held once; only the differences cost extra. {@code set} and {@code remove}
 * change what is desired, {@code confirm*} and {@code observe} what is known to be actual.
 */
final class DeltaTable<K, V> {
  private final Map<K, V> actual;
  private final Map<K, V> updates = new LinkedHashMap<>();
  private final Set<K> deletes = new LinkedHashSet<>();

  DeltaTable() {
    this(new HashMap<>());
  }

  /**
   * @param actual where to keep what is there; empty
   */
  DeltaTable(Map<K, V> actual) {
    this.actual = actual;
  }

  /** The key should be there with this value. */
  void set(K key, V value) {
    deletes.remove(key);
    if (value.equals(actual.get(key))) {
      updates.remove(key);
    } else {
      updates.put(key, value);
    }
  }

  /** The key should not be there. */
  void remove(K key) {
    updates.remove(key);
    if (actual.containsKey(key)) {
      deletes.add(key);
    } else {
      deletes.remove(key);
    }
  }

  /** What should be there; null if nothing. */
  @Nullable V desired(K key) {
    V update = updates.get(key);
    if (update != null) {
      return update;
    }
    return deletes.contains(key) ? null : actual.get(key);
  }

  /** What is there; null if nothing. */
  @Nullable V actual(K key) {
    return actual.get(key);
  }

  /** Whether actual and desired differ. */
  boolean isPending(K key) {
    return updates.containsKey(key) || deletes.contains(key);
  }

  boolean isPending() {
    return !updates.isEmpty() || !deletes.isEmpty();
  }

  /** An update is in force. */
  void confirmUpdate(K key, V value) {
    actual.put(key, value);
    if (value.equals(updates.get(key))) {
      updates.remove(key);
    }
  }

  /** An update to what counts as nothing is in force. */
  void confirmCleared(K key, V value) {
    actual.remove(key);
    if (value.equals(updates.get(key))) {
      updates.remove(key);
    }
  }

  /** What is there is what should be there. */
  void giveUp() {
    updates.clear();
    deletes.clear();
  }

  /** A deletion is in force. */
  void confirmDelete(K key) {
    actual.remove(key);
    deletes.remove(key);
  }

  /** What was found in the kernel at the start: it is there, and for now it should be. */
  void adopt(K key, V value) {
    actual.put(key, value);
  }

  /**
   * What was read back from the kernel; desired stays as it is.
   *
   * @param seen null if the key is not there
   */
  void observe(K key, @Nullable V seen) {
    V wanted = desired(key);
    if (seen == null) {
      actual.remove(key);
    } else {
      actual.put(key, seen);
    }
    if (wanted == null) {
      remove(key);
    } else {
      set(key, wanted);
    }
  }

  List<Map.Entry<K, V>> pendingUpdates() {
    return new ArrayList<>(updates.entrySet());
  }

  List<K> pendingDeletes() {
    return new ArrayList<>(deletes);
  }

  int pendingCount() {
    return updates.size() + deletes.size();
  }

  int actualSize() {
    return actual.size();
  }

  int desiredSize() {
    int fresh = 0;
    for (K key : updates.keySet()) {
      if (!actual.containsKey(key)) {
        fresh++;
      }
    }
    return actual.size() + fresh - deletes.size();
  }

  void forEachActual(BiConsumer<? super K, ? super V> visitor) {
    actual.forEach(visitor);
  }

  /** Keys that are there; a copy. */
  Collection<K> actualKeys() {
    return new ArrayList<>(actual.keySet());
  }
}
