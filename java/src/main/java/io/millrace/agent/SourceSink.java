// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import io.millrace.model.Problem;
import io.millrace.source.Change;
import io.millrace.source.KeyedQueue;
import io.millrace.source.ObjectSink;
import io.millrace.source.SyncGate;
import java.util.List;

/** Carries what sources say to the control thread. */
record SourceSink(KeyedQueue queue, SyncGate gate, ProblemBoard problems, HealthState health)
    implements ObjectSink {
  @Override
  public void offer(Change change) {
    health.offered(); // first: from now on it has to be in force within a minute
    queue.offer(change);
  }

  @Override
  public void synced(String source) {
    gate.synced(source);
    queue.wakeUp();
  }

  @Override
  public void problems(String source, List<Problem> all) {
    problems.set(source, all);
  }
}
