// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.bpf.BpfException;
import io.millrace.bpf.Dataplane;
import io.millrace.model.Problem;
import java.util.List;

/** The pins of the maps, by which the next agent finds what this one has written. */
final class Pins {
  private final Dataplane dataplane;
  private List<Problem> problems = List.of();

  Pins(Dataplane dataplane) {
    this.dataplane = dataplane;
  }

  /**
   * Makes those again that are gone; how many. Packets do not need them, so a failure is only told.
   */
  int audit() {
    try {
      int made = dataplane.repin();
      problems = List.of();
      return made;
    } catch (BpfException e) {
      problems =
          List.of(
              new Problem(
                  "",
                  "pins",
                  "",
                  e.getMessage()
                      + "; it is tried again with each check: mend what the message names, and do not restart"
                      + " the agent until then, or all connections are lost"));
      return 0;
    }
  }

  List<Problem> problems() {
    return problems;
  }
}
