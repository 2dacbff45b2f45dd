// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.compile.Target;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one family of a port is going to have; nothing of it is in force yet.
 *
 * @param ids backend ids of {@code wanted}
 * @param fresh those of them that were taken for this plan
 * @param runs empty ones if something lacks
 * @param lack what there is not enough of; null if nothing lacks
 */
record FamilyPlan(
    FamilyState state,
    Backends backends,
    List<Target> wanted,
    int[] ids,
    int[] fresh,
    RunPlanner.Runs runs,
    @Nullable String lack) {
  private static final int[] NONE = new int[0];

  static FamilyPlan lacking(FamilyState state, Backends backends, String lack) {
    return new FamilyPlan(state, backends, List.of(), NONE, NONE, RunPlanner.Runs.NONE, lack);
  }
}
