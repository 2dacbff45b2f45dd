// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import io.millrace.admin.proto.Status;
import io.millrace.model.ClusterDelta;
import io.millrace.model.ClusterImage;
import io.millrace.model.Problem;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the control loop drives: from a cluster image to one kernel. All calls come from the control
 * thread. Whatever is unexpected may be thrown; the loop tries again with everything.
 */
interface Engine {
  /**
   * Makes the kernel hold what {@code image} says.
   *
   * @param delta what led to the image since the last call that did not throw; null = forget what
   *     is believed, read the kernel and compare it with everything
   */
  Round apply(ClusterImage image, @Nullable ClusterDelta delta);

  /** Does what had to wait: grace periods, and what the kernel refused. */
  void finish();

  /** Nanoseconds until {@link #finish} has something to do; {@code Long.MAX_VALUE} = nothing. */
  long finishWaitNs();

  /** Compares the kernel with what it should hold, mends it, and returns how much differed. */
  long audit();

  /** Why not everything is in force at the moment, if so. */
  Optional<String> obstacle();

  /** What an operator has to mend. */
  List<Problem> problems();

  /** Tells what stands: devices, features, tables, entries written. */
  void describe(Status.Builder status);

  /** How long the two halves of a round took. */
  record Round(long compileNs, long applyNs) {}
}
