// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

/** The side of classes that counts for the pods of this node. */
final class PolicySide {
  private final PolicyMaps maps;
  private final int[] counts = new int[2];

  /** While there are no pods: what the last ones went by, which packets may still do. */
  private int last;

  PolicySide(PolicyMaps maps) {
    this.maps = maps;
  }

  /** Whether it is not the same for all. */
  boolean isMixed() {
    count();
    return counts[0] > 0 && counts[1] > 0;
  }

  /** Pods are about to be closed: remembers what they went by. */
  void note() {
    count();
    if (counts[0] > 0 || counts[1] > 0) {
      last = counts[1] > counts[0] ? 1 : 0;
    }
  }

  /** While there are no pods: what the next ones are to go by. */
  void choose(int next) {
    last = next;
  }

  /** That of most. */
  int ofMost() {
    note();
    return last;
  }

  private void count() {
    counts[0] = 0;
    counts[1] = 0;
    for (boolean v6 : PolicyMaps.FAMILIES) {
      maps.subjects(v6).delta().forEachActual((ip, subject) -> counts[subject.side() & 1]++);
    }
  }
}
