// SPDX-License-Identifier: Apache-2.0
package io.millrace.source;

import io.millrace.model.Problem;
import java.util.List;

/** Where a source puts what it finds. Callable from any thread, and never blocks for long. */
public interface ObjectSink {
  /** Hands over one change. */
  void offer(Change change);

  /**
   * Everything that was there when the source started has been offered. Later calls do nothing.
   *
   * @param source its {@link ObjectSource#name()}
   */
  void synced(String source);

  /** All that is wrong with the source's input now; replaces what it said before. */
  void problems(String source, List<Problem> problems);
}
