// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import java.util.ArrayDeque;
import java.util.function.Consumer;

/** Things that may be touched again only after a while; first in, first out. */
final class Quarantine<T> {
  private final ArrayDeque<Item<T>> items = new ArrayDeque<>();
  private final long delayNs;

  private record Item<T>(long dueNs, T value) {}

  Quarantine(long delayNs) {
    this.delayNs = delayNs;
  }

  void add(T value, long nowNs) {
    items.addLast(new Item<>(nowNs + delayNs, value));
  }

  /** Hands over what has waited long enough. */
  void release(long nowNs, Consumer<? super T> taker) {
    for (Item<T> item = items.peekFirst();
        item != null && item.dueNs() - nowNs <= 0;
        item = items.peekFirst()) {
      items.removeFirst();
      taker.accept(item.value());
    }
  }

  int size() {
    return items.size();
  }

  /** Nanoseconds until the first is due; {@link Long#MAX_VALUE} if there is none. */
  long waitNs(long nowNs) {
    Item<T> first = items.peekFirst();
    return first == null ? Long.MAX_VALUE : Math.max(0, first.dueNs() - nowNs);
  }
}
