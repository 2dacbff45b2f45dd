// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** The thread that makes long lists. To be closed before the tables that it reads are. */
final class Walker implements Executor, AutoCloseable {
  private static final long LONGEST_WALK_S = 10;

  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          work -> {
            Thread made = new Thread(work, "lists");
            made.setDaemon(true);
            return made;
          });

  @Override
  public void execute(Runnable work) {
    thread.execute(work);
  }

  /** Waits for the list that is being made. */
  @Override
  public void close() {
    thread.shutdown();
    try {
      if (!thread.awaitTermination(LONGEST_WALK_S, TimeUnit.SECONDS)) {
        thread.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
