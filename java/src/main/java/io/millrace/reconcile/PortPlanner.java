// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.compile.Desired;
import io.millrace.compile.Target;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Gives a ServicePort what it needs: its id, an id for each endpoint, and a run for each set. What
 * it already has, it keeps; so an unchanged port changes nothing.
 */
final class PortPlanner {
  private final IdPool svcIds;
  private final Backends backends4;
  private final Backends backends6;
  private final RunPlanner runs;

  PortPlanner(IdPool svcIds, Backends backends4, Backends backends6, RunPlanner runs) {
    this.svcIds = svcIds;
    this.backends4 = backends4;
    this.backends6 = backends6;
    this.runs = runs;
  }

  /**
   * Plans what {@link PortState#desired} says.
   *
   * @return null, or what there is not enough of; then the port stays as it was
   */
  @Nullable String plan(PortState port) {
    Desired.Port desired = port.desired();
    if (port.svcId() == 0 && desired != null) {
      int id = svcIds.take();
      if (id == 0) {
        return "no service id is free";
      }
      port.setSvcId(id);
    }
    FamilyPlan plan4 = prepare(port, false);
    if (plan4.lack() != null) {
      return plan4.lack();
    }
    FamilyPlan plan6 = prepare(port, true);
    if (plan6.lack() != null) {
      undo(plan4);
      return plan6.lack();
    }
    commit(port, plan4);
    commit(port, plan6);
    return null;
  }

  /** Without a frontend of the family, nothing can lead to its endpoints. */
  private static List<Target> targets(Desired.@Nullable Port port, boolean v6) {
    if (port == null
        || port.rules().stream().noneMatch(rule -> rule.frontend().ip().isV6() == v6)) {
      return List.of();
    }
    return v6 ? port.program().targets6() : port.program().targets4();
  }

  private static boolean usesLocal(PortState port, boolean v6) {
    return port.rules().stream()
        .anyMatch(rule -> rule.frontend().ip().isV6() == v6 && rule.usesLocal());
  }

  private static boolean usesRing(PortState port, boolean v6) {
    return port.rules().stream()
        .anyMatch(rule -> rule.frontend().ip().isV6() == v6 && rule.usesRing());
  }

  /** Takes what one family needs; the port itself stays as it is. */
  private FamilyPlan prepare(PortState port, boolean v6) {
    FamilyState state = port.family(v6);
    Backends backends = v6 ? backends6 : backends4;
    List<Target> wanted = targets(port.desired(), v6);
    int[] ids = new int[wanted.size()];
    int[] kept = keepIds(state, wanted, ids);
    if (!takeIds(backends, ids)) {
      return FamilyPlan.lacking(state, backends, backends.table().name() + " is full");
    }
    int[] fresh = difference(ids, kept);
    RunPlanner.Runs planned =
        runs.plan(state, wanted, ids, usesLocal(port, v6), usesRing(port, v6));
    if (planned == null) {
      undoIds(backends, fresh);
      return FamilyPlan.lacking(state, backends, "the slot arena has no hole that fits");
    }
    return new FamilyPlan(state, backends, wanted, ids, fresh, planned, null);
  }

  private void commit(PortState port, FamilyPlan plan) {
    FamilyState state = plan.state();
    retireMissing(port, state, plan.wanted(), plan.ids());
    state.retired().forEach(plan.backends()::forsake);
    runs.commit(state, plan.runs());
    int protocol = plan.ids().length == 0 ? 0 : protocol(port);
    boolean affinity = port.affinitySeconds() != 0;
    for (int i = 0; i < plan.ids().length; i++) {
      plan.backends().set(plan.ids()[i], plan.wanted().get(i), protocol, port.svcId(), affinity);
    }
  }

  private void undo(FamilyPlan plan) {
    runs.undo(plan.state(), plan.runs());
    undoIds(plan.backends(), plan.fresh());
  }

  private static void undoIds(Backends backends, int[] fresh) {
    for (int id : fresh) {
      backends.ids().undo(id);
    }
  }

  private static int protocol(PortState port) {
    Desired.Port desired = port.desired();
    return desired == null ? 0 : desired.key().protocol().number();
  }

  /** Fills in the ids that wanted endpoints already have; returns these, ascending. */
  private static int[] keepIds(FamilyState state, List<Target> wanted, int[] ids) {
    List<Target> old = state.targets();
    int at = 0;
    for (int i = 0; i < ids.length; i++) {
      Target target = wanted.get(i);
      while (at < old.size() && old.get(at).compareTo(target) < 0) {
        at++;
      }
      if (at < old.size() && old.get(at).compareTo(target) == 0) {
        ids[i] = state.ids()[at];
      } else {
        ids[i] = retiredId(state, target);
      }
    }
    return Arrays.stream(ids).filter(id -> id != 0).sorted().toArray();
  }

  private static int retiredId(FamilyState state, Target target) {
    for (Retired retired : state.retired()) {
      if (retired.is(target.ip(), target.port())) {
        return retired.id();
      }
    }
    return 0;
  }

  private static boolean takeIds(Backends backends, int[] ids) {
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] == 0) {
        ids[i] = backends.ids().take();
        if (ids[i] == 0) {
          giveBack(backends, ids, i);
          return false;
        }
        ids[i] = -ids[i];
      }
    }
    for (int i = 0; i < ids.length; i++) {
      ids[i] = Math.abs(ids[i]);
    }
    return true;
  }

  /** Returns what was taken so far; new ids are negative meanwhile. */
  private static void giveBack(Backends backends, int[] ids, int count) {
    for (int i = 0; i < count; i++) {
      if (ids[i] < 0) {
        backends.ids().undo(-ids[i]);
      }
    }
  }

  private static int[] difference(int[] ids, int[] kept) {
    return Arrays.stream(ids).filter(id -> Arrays.binarySearch(kept, id) < 0).toArray();
  }

  /** Takes the new endpoints over; those no longer among them are retired. */
  private static void retireMissing(
      PortState port, FamilyState state, List<Target> wanted, int[] ids) {
    int[] sorted = ids.clone();
    Arrays.sort(sorted);
    state.retired().removeIf(retired -> Arrays.binarySearch(sorted, retired.id()) >= 0);
    for (int i = 0; i < state.ids().length; i++) {
      int id = state.ids()[i];
      if (Arrays.binarySearch(sorted, id) < 0) {
        Target target = state.targets().get(i);
        state.retired().add(new Retired(port, id, target.ip(), target.port()));
      }
    }
    state.setTargets(wanted, ids);
  }
}
