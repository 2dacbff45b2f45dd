// SPDX-License-Identifier: Apache-2.0
package io.millrace.fake.api;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** What clients have asked for. Callable from any thread. */
public final class Stats {
  private final List<Call> calls = new ArrayList<>();
  private long lastListNs;

  synchronized void add(Call call) {
    calls.add(call);
  }

  synchronized void listSent(long nowNs) {
    lastListNs = nowNs;
  }

  /** Every request so far, in order. */
  public synchronized List<Call> calls() {
    return List.copyOf(calls);
  }

  public synchronized int count(Predicate<Call> wanted) {
    return (int) calls.stream().filter(wanted).count();
  }

  /** When the end of the last page of a list was given to the network, by System.nanoTime(). */
  public synchronized long lastListNs() {
    return lastListNs;
  }
}
