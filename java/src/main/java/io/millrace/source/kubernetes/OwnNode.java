// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.kubernetes;

import io.millrace.model.ObjectKey;
import io.millrace.model.Problem;
import io.millrace.source.Change;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * This node's Node object (S-176), which says its primary addresses, its zone, and whether it is
 * about to go. A node that joins may be served before it has one: that is waited for, but not for
 * ever, because without it most things are right all the same.
 */
final class OwnNode {
  private final ObjectKey key;
  private final Duration patience;
  private final Runnable changed;
  private final Runnable settled;
  private final AtomicBoolean waiting = new AtomicBoolean(true);
  private volatile boolean listed;
  private volatile boolean there;

  /**
   * @param changed is run when {@link #problems} says something else
   * @param settled is run once: it is there, or has been waited for long enough
   */
  OwnNode(String name, Duration patience, Runnable changed, Runnable settled) {
    key = new ObjectKey(ObjectKey.Kind.NODE, "", name);
    this.patience = patience;
    this.changed = changed;
    this.settled = settled;
  }

  /** A node has come, changed or gone. */
  void offer(Change change) {
    if (change.key().equals(key)) {
      there = change.object() != null;
      changed.run();
      if (there) {
        settle();
      }
    }
  }

  /** All nodes have been told. */
  void listed() {
    listed = true;
    if (!there) {
      changed.run();
      Executor later =
          CompletableFuture.delayedExecutor(patience.toMillis(), TimeUnit.MILLISECONDS);
      later.execute(this::settle);
    }
  }

  private void settle() {
    if (waiting.getAndSet(false)) {
      settled.run();
    }
  }

  /** What an operator has to mend. */
  List<Problem> problems() {
    return listed && !there
        ? List.of(
            new Problem(
                "",
                key.toString(),
                "",
                "the API server has no such node; the address of the first uplink counts as its"
                    + " primary one, and its zone is not known"))
        : List.of();
  }
}
