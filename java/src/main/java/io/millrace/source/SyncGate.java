// SPDX-License-Identifier: Apache-2.0
package io.millrace.source;

import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;

/**
 * Shut until every source has synced (S-007): before that nothing may be written, because what a
 * late source has not said yet would look deleted.
 *
 * <p>A source offers first and marks afterwards, so the reader must look at the gate first and
 * drain the queue afterwards: then an open gate means a complete queue.
 */
public final class SyncGate {
  private final Set<String> missing = new TreeSet<>();

  /** Waits for the sources of these names. */
  public SyncGate(Collection<String> sources) {
    missing.addAll(sources);
  }

  /** Notes that a source has offered everything it started with. */
  public synchronized void synced(String source) {
    missing.remove(source);
  }

  public synchronized boolean isOpen() {
    return missing.isEmpty();
  }

  /** The names of the sources that are not there yet. */
  public synchronized Set<String> missing() {
    return new TreeSet<>(missing);
  }
}
