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
  private final SlotAllocator slots;

  PortPlanner(IdPool svcIds, Backends backends4, Backends backends6, SlotAllocator slots) {
    this.svcIds = svcIds;
    this.backends4 = backends4;
    this.backends6 = backends6;
    this.slots = slots;
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
        .anyMatch(rule -> rule.frontend().ip().isV6() == v6 && ServiceTables.usesLocal(rule));
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
    Run all = run(state, pick(wanted, ids, Target.ALL), null);
    int localSet = usesLocal(port, v6) ? Target.LOCAL : 0;
    Run local = all == null ? null : run(state, pick(wanted, ids, localSet), all);
    boolean fits = all != null && local != null;
    FamilyPlan plan =
        new FamilyPlan(
            state,
            backends,
            wanted,
            ids,
            difference(ids, kept),
            all == null ? Run.EMPTY : all,
            local == null ? Run.EMPTY : local,
            fits ? null : "the slot arena has no hole that fits");
    if (!fits) {
      undo(plan);
    }
    return plan;
  }

  private void commit(PortState port, FamilyPlan plan) {
    FamilyState state = plan.state();
    retireMissing(port, state, plan.wanted(), plan.ids());
    state.oldRuns().remove(plan.all());
    state.oldRuns().remove(plan.local());
    for (Run run : state.setRuns(plan.all(), plan.local())) {
      slots.undo(run.base(), run.count());
    }
    int protocol = plan.ids().length == 0 ? 0 : protocol(port);
    for (int i = 0; i < plan.ids().length; i++) {
      plan.backends().set(plan.ids()[i], plan.wanted().get(i), protocol, port.svcId());
    }
  }

  private void undo(FamilyPlan plan) {
    undo(plan.state(), plan.all());
    if (plan.local().base() != plan.all().base()) {
      undo(plan.state(), plan.local());
    }
    for (int id : plan.fresh()) {
      plan.backends().ids().undo(id);
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

  /** Ids of the endpoints in a set, ascending. */
  private static int[] pick(List<Target> targets, int[] ids, int set) {
    int[] picked = new int[ids.length];
    int count = 0;
    for (int i = 0; i < ids.length; i++) {
      if (targets.get(i).has(set)) {
        picked[count++] = ids[i];
      }
    }
    int[] sorted = Arrays.copyOf(picked, count);
    Arrays.sort(sorted);
    return sorted;
  }

  /** A run of these ids: one that is there, or a new one; null if there is no room. */
  private @Nullable Run run(FamilyState state, int[] ids, @Nullable Run sibling) {
    if (ids.length == 0) {
      return Run.EMPTY;
    }
    if (sibling != null && sibling.holds(ids)) {
      return sibling;
    }
    if (state.all().holds(ids)) {
      return state.all();
    }
    if (state.local().holds(ids)) {
      return state.local();
    }
    for (Run old : state.oldRuns()) {
      if (old.holds(ids)) {
        return old;
      }
    }
    int base = slots.take(ids.length);
    return base == 0 ? null : Run.fresh(base, ids);
  }

  private static boolean isKnown(FamilyState state, Run run) {
    return run.count() == 0
        || run == state.all()
        || run == state.local()
        || state.oldRuns().contains(run);
  }

  private void undo(FamilyState state, Run run) {
    if (!isKnown(state, run)) {
      slots.undo(run.base(), run.count());
    }
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
