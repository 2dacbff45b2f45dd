// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** How other threads have something done by the control thread: they send it, and get a future. */
final class ControlTasks {
  private static final long UNHURRIED_MS = 60_000;

  private final ConcurrentLinkedQueue<Task<?>> waiting = new ConcurrentLinkedQueue<>();
  private final Runnable wakeUp;

  private record Task<T>(Supplier<T> work, CompletableFuture<T> result) {
    void run() {
      if (result.isDone()) {
        return; // too late: nobody waits any more
      }
      try {
        result.complete(work.get());
      } catch (RuntimeException e) {
        result.completeExceptionally(e);
      }
    }
  }

  /**
   * @param wakeUp lets the control thread look
   */
  ControlTasks(Runnable wakeUp) {
    this.wakeUp = wakeUp;
  }

  /**
   * Has {@code work} done by the control thread.
   *
   * @return fails with {@link java.util.concurrent.TimeoutException} after {@code timeoutMs}
   */
  <T> CompletableFuture<T> submit(Supplier<T> work, long timeoutMs) {
    CompletableFuture<T> result = new CompletableFuture<>();
    waiting.add(new Task<>(work, result));
    wakeUp.run();
    return result.orTimeout(timeoutMs, TimeUnit.MILLISECONDS);
  }

  /** Has it done some time; nobody waits for it. */
  void run(Runnable work) {
    var unused =
        submit(
            () -> {
              work.run();
              return true;
            },
            UNHURRIED_MS);
  }

  /** Does everything that waits. Called by the control thread. */
  void run() {
    for (Task<?> task = waiting.poll(); task != null; task = waiting.poll()) {
      task.run();
    }
  }
}
