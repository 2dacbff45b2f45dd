// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.compile.policy.PolicyTables;
import io.millrace.model.Problem;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What came of the attempts to bring policies into force, for whoever asks. */
final class PolicyOutcome {
  private long generation;
  private long flips;
  private long refusals;

  /** Why the last attempt failed; empty if it did not. */
  private String obstacle = "";

  private List<Problem> problems = List.of();

  void flipped() {
    flips++;
  }

  void succeeded() {
    generation++;
    obstacle = "";
    problems = List.of();
  }

  /**
   * The kernel had no room, or refused.
   *
   * @param inForce null if the kernel holds no tables of one moment
   */
  void refused(String reason, PolicyTables wanted, @Nullable PolicyTables inForce) {
    refusals++;
    obstacle = reason;
    problems =
        PolicyWords.problems(reason, wanted.sets(), inForce == null ? Map.of() : inForce.sets());
  }

  /** Policies are in force, and pods' guard is not told so. */
  void guardRefused() {
    obstacle = "the kernel refuses to write the table guard";
  }

  /** The guard is told, as well. */
  void guardWritten() {
    obstacle = "";
  }

  boolean isClear() {
    return obstacle.isEmpty();
  }

  /** Of the policies that are to blame. */
  List<Problem> problems() {
    return problems;
  }

  PolicyStatus status(PolicyOptions options, PolicyGuard guard, boolean inForce, PolicyTables of) {
    return PolicyStatus.of(
        options.on(), guard.isOn(), inForce, guard.epoch(), generation, flips, refusals, of);
  }
}
