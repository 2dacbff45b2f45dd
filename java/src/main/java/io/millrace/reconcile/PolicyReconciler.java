// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.bpf.Dataplane;
import io.millrace.bpf.MapName;
import io.millrace.compile.NodeTables;
import io.millrace.compile.policy.PolicyTables;
import io.millrace.model.Problem;
import io.millrace.reconcile.PolicyPlan.Way;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Brings policies into force. A packet sees for each pod and direction the verdict of before a
 * change or the one after it:
 *
 * <pre>
 *   1 set_peers, set_ports, sets    what is referred to; entries never change
 *   2 peers, blocks, port_cells     in place where nothing goes by the difference, else on the side
 *                                   that no pod looks at
 *   3 guard                         the mark that access may be lost
 *   4 subjects                      the flip: one store for each pod's address
 *   5 guard                         a new epoch, if access may have been lost
 *   6 after 20 ms                   classes that only the sets of before went by, in place
 *   7 after 1 s                     rows, sets, addresses and blocks that nobody wants are deleted
 * </pre>
 *
 * <p>What does not fit, or is refused, leaves everything as it was, and is tried again.
 */
final class PolicyReconciler {
  private static final long GRACE_NS = ServiceTables.GRACE_NS;

  private final PolicyOptions options;
  private final LongSupplier nanoTime;
  private final PolicyMaps maps;
  private final PolicyGuard guard;
  private final PolicySide side;
  private final PolicySweep sweep;
  private final GuardedPods guarded;
  private final OpenedPods opened;
  private final PolicyRest rest = new PolicyRest();
  private final PolicyScope scope = new PolicyScope();
  private final Backoff backoff = new Backoff();
  private final PolicyOutcome outcome = new PolicyOutcome();
  private PolicyTables wanted = PolicyTables.EMPTY;
  private boolean submitted;

  /** Null while the kernel holds something else than the tables of one moment. */
  private @Nullable PolicyTables inForce;

  /** Classes are left that no verdict in force hangs on, and that are not those wanted. */
  private boolean lags;

  /** Access may have been lost already, and the epoch is to be raised with the next success. */
  private boolean mayTake;

  /**
   * @param stands whether all programs of a pod stand on a device
   */
  PolicyReconciler(
      Dataplane dataplane,
      PolicyOptions options,
      BatchBuffers buffers,
      IntPredicate stands,
      LongSupplier nanoTime) {
    this.options = options;
    this.nanoTime = nanoTime;
    guarded = new GuardedPods(stands);
    maps = new PolicyMaps(dataplane, buffers);
    guard = new PolicyGuard(dataplane.map(MapName.GUARD), options, buffers);
    opened = new OpenedPods(guarded, guard, maps);
    side = new PolicySide(maps);
    sweep = new PolicySweep(maps, GRACE_NS);
  }

  void load() {
    maps.load();
    guard.table().load();
  }

  void submit(PolicyTables tables, NodeTables node) {
    guard.setRanges(node.podCidrs());
    if (options.on() && isNew(tables)) {
      scope.add(wanted, tables);
      wanted = tables;
      backoff.succeeded();
    }
    submitted = true;
    guarded.submit(node, wanted.subjects().keySet());
  }

  void setTellAllowed(boolean tell) {
    guard.setTellAllowed(tell);
  }

  void write(long nowNs) {
    if (!submitted) {
      return;
    }
    if (!options.on()) {
      guard.changed(false, nowNs); // first, or pods without an entry were closed
    }
    PolicyTables now = inForce;
    if (now != null && lags && rest.isOver(nowNs)) {
      tidy(now, nowNs);
    }
    upkeep(nowNs);
    if (isDue(nowNs)) {
      apply(nowNs);
    }
    if (!guard.changed(isInForce(), nowNs)) {
      outcome.guardRefused();
      backoff.failed(nowNs);
    } else if (isInForce()) {
      outcome.guardWritten();
      backoff.succeeded();
    }
  }

  private boolean isDue(long nowNs) {
    return (!isInForce() || opened.differ(wanted))
        && backoff.isDue(nowNs)
        && !rest.isOfSide(nowNs)
        && (rest.isOver(nowNs) || !rest.isOverdue(nowNs));
  }

  /** What waits for a moment in which no packet goes by what pods have left. */
  private void upkeep(long nowNs) {
    boolean tidied = !lags || inForce == null;
    if (rest.isOver(nowNs) && tidied) {
      rest.upkept();
      sweep.run(inForce, side.isMixed() ? -1 : side.ofMost(), nowNs);
    } else if (!tidied || sweep.waitNs(nowNs) == 0) {
      rest.postpone(nowNs);
    }
  }

  /** Changes the classes that nothing goes by any more. */
  private void tidy(PolicyTables now, long nowNs) {
    PolicyPlan plan = new PolicyPlan(maps, now, side.ofMost(), scope, opened::has);
    plan.way(Set.of());
    plan.wantInPlace();
    if (maps.flush(maps.sides(), nowNs) != null) {
      maps.giveUp();
    } else {
      lags = false;
      sweep.look();
      if (isInForce()) {
        scope.settle(Set.of(), false, false);
      }
    }
    rest.leave(Set.of(), false, nanoTime.getAsLong());
  }

  private void apply(long nowNs) {
    if (!closeOthers(nowNs)) {
      return;
    }
    PolicyPlan plan = plan(nowNs);
    if (plan == null) {
      return;
    }
    plan.wantRules(inForce == null ? Map.of() : inForce.sets());
    boolean any = maps.subjectCount() > 0;
    Way way = any || !rest.isOver(nowNs) ? plan.way(rest.sets(nowNs)) : Way.IN_PLACE;
    if (way == Way.REST_FIRST) {
      maps.giveUp();
      return;
    }
    if (way == Way.OTHER_SIDE) {
      plan.wantOtherSide();
    } else if (!any && rest.isOver(nowNs)) {
      plan.wantThisSide(); // nobody looks
    } else {
      plan.wantInPlace();
    }
    plan.wantSubjects(way == Way.OTHER_SIDE ? 1 - plan.side() : plan.side());
    String refusal = execute(plan, way == Way.OTHER_SIDE, nowNs);
    if (refusal.isEmpty()) {
      succeeded(plan.moves(), way == Way.IN_PLACE_AND_LATER);
    } else {
      refused(refusal, nowNs);
    }
  }

  /** Null if it has to wait. */
  private @Nullable PolicyPlan plan(long nowNs) {
    boolean mixed = side.isMixed();
    if (mixed || inForce == null) {
      scope.addEverything();
    }
    PolicyPlan plan = new PolicyPlan(maps, wanted, side.ofMost(), scope, opened::has);
    boolean nobody = inForce == null && maps.subjectCount() == 0;
    if (plan.isClassed() || !(mixed || nobody)) {
      return plan;
    }
    PolicyPlan other = new PolicyPlan(maps, wanted, 1 - plan.side(), scope, opened::has);
    if (other.isClassed()) {
      side.choose(other.side());
      return other; // what an agent that died in the middle of a flip was about to do
    }
    if (nobody) {
      return plan;
    }
    gather(plan, nowNs);
    return null;
  }

  /**
   * Closes addresses that are no guarded pods' any more; first, since their sets may be out of
   * date.
   */
  private boolean closeOthers(long nowNs) {
    return !opened.removeOthers(wanted) || close(false, nowNs);
  }

  /**
   * An agent died in the middle of a flip to something that is out of date by now. Neither side can
   * be written while pods look at both: those of the smaller one are closed until it has rested.
   */
  private void gather(PolicyPlan plan, long nowNs) {
    plan.wantNobodyOnOtherSide();
    close(true, nowNs);
    maps.giveUp();
  }

  /** Closes the pods that should have no entry. */
  private boolean close(boolean ofSide, long nowNs) {
    mayTake = true;
    side.note();
    Set<Long> before = maps.setsInUse();
    MapTable<?, ?> refused =
        guard.announce(nowNs) ? maps.flush(maps.subjects(), nowNs) : guard.table();
    rest.leave(before, ofSide, nanoTime.getAsLong());
    if (refused != null) {
      refused(PolicyWords.refusedBy(refused), nowNs);
    }
    return refused == null;
  }

  /** Does the steps; returns why it could not, in words, and empty if all is in force. */
  private String execute(PolicyPlan plan, boolean flip, long nowNs) {
    MapTable<?, ?> full = maps.tooFull();
    if (full != null) {
      return PolicyWords.noRoom(full);
    }
    boolean takes = mayTake || plan.mayTakeAway(guard::closes);
    MapTable<?, ?> refused = maps.flush(maps.rules(), nowNs);
    if (refused == null && flip) {
      refused = maps.flush(maps.sides(), nowNs);
    }
    if (refused != null) {
      return PolicyWords.refusedBy(refused);
    }
    if (takes && !guard.announce(nowNs)) {
      return PolicyWords.refusedBy(guard.table());
    }
    PolicyTables before = inForce;
    inForce = null;
    refused = maps.flush(maps.sides(), nowNs);
    if (refused != null) {
      return PolicyWords.refusedBy(refused);
    }
    Set<Long> sets = maps.setsInUse();
    SubjectFlip subjects = new SubjectFlip(maps);
    refused = subjects.run(nowNs);
    rest.leave(subjects.isEmpty() ? Set.of() : sets, flip, nanoTime.getAsLong());
    if (refused == null) {
      if (flip) {
        outcome.flipped();
      }
      return "";
    }
    String reason = PolicyWords.refusedBy(refused);
    rest.leave(maps.setsInUse(), flip, nanoTime.getAsLong());
    if (subjects.takeBack(nowNs) && flip) {
      inForce = before;
    }
    return reason;
  }

  private void succeeded(ClassMoves moves, boolean later) {
    inForce = wanted;
    lags = later;
    scope.settle(
        later ? moves.addresses() : Set.of(),
        later && moves.hasBlocks(),
        later && moves.hasPorts());
    mayTake = false;
    outcome.succeeded();
    backoff.succeeded();
    sweep.look();
  }

  private void refused(String reason, long nowNs) {
    outcome.refused(reason, wanted, inForce);
    maps.giveUp();
    if (mayTake) { // not by what is refused: nobody who has lost access waits for that
      mayTake = !guard.rejudge(nowNs);
    }
    backoff.failed(nowNs);
    sweep.look();
  }

  /** Whoever has nothing new hands over the same object: to compare them would take long. */
  @SuppressWarnings("ReferenceEquality")
  private boolean isNew(PolicyTables tables) {
    return tables != wanted;
  }

  @SuppressWarnings("ReferenceEquality")
  private boolean isInForce() {
    return inForce == wanted;
  }

  /** Reads back what is in the kernel; the next write mends what differs. */
  int audit() {
    int differences = maps.audit();
    maps.giveUp();
    if (differences > 0) {
      inForce = null;
      mayTake = true;
    }
    return differences + guard.audit(nanoTime.getAsLong());
  }

  long waitNs(long nowNs) {
    long restNs = rest.waitNs(nowNs);
    boolean untidy = lags && inForce != null;
    long upkeepNs = untidy ? restNs : Math.max(restNs, sweep.waitNs(nowNs));
    long newsNs = backoff.waitNs(nowNs);
    if (!isInForce() && restNs > 0) {
      newsNs = newsNs == Long.MAX_VALUE ? restNs : Math.max(restNs, newsNs);
    }
    return Math.min(newsNs, upkeepNs);
  }

  boolean isSettled() {
    return !submitted || (isInForce() && outcome.isClear());
  }

  List<MapStatus> tables() {
    List<MapStatus> all = new ArrayList<>();
    maps.all().forEach(table -> all.add(table.status()));
    all.add(guard.table().status());
    return all;
  }

  List<Problem> problems() {
    List<Problem> all = new ArrayList<>(outcome.problems());
    all.addAll(opened.problems(wanted));
    return all;
  }

  PolicyStatus status() {
    return outcome.status(options, guard, isInForce(), wanted);
  }
}
