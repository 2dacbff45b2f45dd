// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.compile.Desired;
import io.millrace.compile.Frontend;
import io.millrace.compile.PortProgram;
import io.millrace.model.ServicePortKey;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A ServicePort in the kernel: its id, its frontends, its backends.
 *
 * <p>It goes through: desired → planned (ids and runs given) → flipped (frontends lead to the new
 * runs) → settled (nothing leads to the old ones). One that was found in the kernel and that nobody
 * wants has no key.
 */
final class PortState {
  private final @Nullable ServicePortKey key;
  private final FamilyState v4 = new FamilyState();
  private final FamilyState v6 = new FamilyState();
  private int svcId;
  private Desired.@Nullable Port desired;
  private boolean planned;

  /** Backends whose freed entry is not in force yet. */
  private int freeing;

  /** Frontends that may still lead here although they should not. */
  private final List<Frontend> stale = new ArrayList<>(0);

  /** Lists of who may ask that its frontends may name. */
  private final List<RangeList> ranges = new ArrayList<>(0);

  PortState(@Nullable ServicePortKey key) {
    this.key = key;
  }

  @Nullable ServicePortKey key() {
    return key;
  }

  FamilyState family(boolean six) {
    return six ? v6 : v4;
  }

  int svcId() {
    return svcId;
  }

  void setSvcId(int id) {
    svcId = id;
  }

  Desired.@Nullable Port desired() {
    return desired;
  }

  List<PortProgram.Rule> rules() {
    Desired.Port now = desired;
    return now == null ? List.of() : now.rules();
  }

  /** 0 for no session affinity. */
  int affinitySeconds() {
    Desired.Port now = desired;
    return now == null ? 0 : now.program().affinitySeconds();
  }

  List<Frontend> stale() {
    return stale;
  }

  List<RangeList> ranges() {
    return ranges;
  }

  void hold(RangeList list) {
    if (!ranges.contains(list)) {
      ranges.add(list);
      list.countHolders(1);
    }
  }

  boolean isPlanned() {
    return planned;
  }

  void setPlanned(boolean now) {
    planned = now;
  }

  /** What it should be from now on; null to go. */
  void setDesired(Desired.@Nullable Port next) {
    Set<Frontend> keep = new HashSet<>();
    if (next != null) {
      next.rules().forEach(rule -> keep.add(rule.frontend()));
    }
    for (PortProgram.Rule rule : rules()) {
      if (!keep.contains(rule.frontend()) && !stale.contains(rule.frontend())) {
        stale.add(rule.frontend());
      }
    }
    stale.removeAll(keep);
    desired = next;
    planned = false;
  }

  void countFreeing(int by) {
    freeing += by;
  }

  /** Whether nothing of it is wanted or in the kernel any more. */
  boolean isOver() {
    return desired == null && stale.isEmpty() && freeing == 0 && v4.isEmpty() && v6.isEmpty();
  }
}
