// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import io.millrace.model.ClusterImage;
import io.millrace.source.Change;
import java.util.List;

/** Who wants to know what the control loop does. Called by its thread: must be short. */
interface LoopObserver {
  /** Changes have been taken; they are not in force yet. */
  default void taken(List<Change> changes) {}

  /** This is what is known from now on. */
  default void image(ClusterImage image) {}

  /**
   * The kernel holds all changes taken so far, but for what it refused.
   *
   * @param everything the round has looked at everything, not just at the changes
   */
  default void applied(Engine.Round round, boolean everything) {}
}
