// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/** Owns one object of the library: it is freed exactly once, and not used afterwards. */
final class Handle implements AutoCloseable {
  private final String what;
  private final LongConsumer free;
  private final AtomicLong address;

  Handle(String what, long address, LongConsumer free) {
    this.what = what;
    this.address = new AtomicLong(address);
    this.free = free;
  }

  /** The address to pass on. */
  long get() {
    long current = address.get();
    if (current == 0) {
      throw new IllegalStateException(what + " is closed");
    }
    return current;
  }

  @Override
  public void close() {
    long current = address.getAndSet(0);
    if (current != 0) {
      free.accept(current);
    }
  }
}
