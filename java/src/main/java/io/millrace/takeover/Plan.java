// SPDX-License-Identifier: Apache-2.0
package io.millrace.takeover;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What is to be done on a node.
 *
 * @param steps in this order
 * @param kept what stays for now, and why
 * @param notes what else whoever reads this should know
 */
public record Plan(List<Step> steps, List<String> kept, List<String> notes) {
  public static final Plan NOTHING = new Plan(List.of(), List.of(), List.of());

  /**
   * One command. It does all of it or nothing.
   *
   * @param text what comes of it, each thing on its own
   * @param command the command
   * @param input what it reads; may be empty
   */
  public record Step(List<String> text, List<String> command, String input) {}

  Plan and(Plan other) {
    return new Plan(join(steps, other.steps), join(kept, other.kept), join(notes, other.notes));
  }

  private static <T> List<T> join(List<T> one, List<T> other) {
    List<T> all = new ArrayList<>(one);
    all.addAll(other);
    return List.copyOf(all);
  }

  /** Whether there is nothing to do. */
  public boolean isEmpty() {
    return steps.isEmpty();
  }

  /**
   * Does it all.
   *
   * @throws IOException if a command fails; says what was done before
   */
  public void run(Host host) throws IOException {
    int done = 0;
    for (Step step : steps) {
      Host.Outcome outcome = host.run(step.command(), step.input());
      if (outcome.status() != 0) {
        throw new IOException(
            String.join(" ", step.command())
                + " failed (status "
                + outcome.status()
                + "): "
                + outcome.error().strip()
                + "; steps done before: "
                + done);
      }
      done++;
    }
  }
}
