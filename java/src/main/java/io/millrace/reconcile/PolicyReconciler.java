// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.bpf.Dataplane;
import io.millrace.bpf.MapName;
import io.millrace.compile.NodeTables;
import io.millrace.compile.policy.PolicySet;
import io.millrace.compile.policy.PolicyTables;
import io.millrace.model.Ip;
import io.millrace.model.Problem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntPredicate;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Brings policies into force. A packet sees for each pod and direction the verdict of before a
 * change or the one after it:
 *
 * <pre>
 *   1 set_peers, set_ports, sets    what is referred to; entries never change
 *   2 peers, blocks, port_cells     on the side that no pod looks at
 *   3 guard                         the mark that access may be lost
 *   4 subjects                      the flip: one store for each pod's address
 *   5 guard                         a new epoch, if access may have been lost
 *   6 after 1 s                     rows, sets, addresses and blocks that nobody wants are deleted
 * </pre>
 *
 * <p>Where only addresses change classes, or only pods change sets, 2 to 4 happen in place: then
 * each verdict hangs on one store. What does not fit, or is refused, leaves everything as it was,
 * and is tried again.
 */
final class PolicyReconciler {
  private static final long GRACE_NS = ServiceTables.GRACE_NS;

  /** How long a packet may still look at the side that was left by the last flip. */
  static final long REST_NS = 20_000_000L;

  private static final int NAMED_POLICIES = 20;

  private final PolicyOptions options;
  private final LongSupplier nanoTime;
  private final PolicyMaps maps;
  private final PolicyGuard guard;
  private final PolicySweep sweep;
  private final IntPredicate stands;
  private final Backoff backoff = new Backoff();
  private final Set<Ip> hadDevice = new HashSet<>();
  private PolicyTables wanted = PolicyTables.EMPTY;
  private NodeTables node = NodeTables.EMPTY;
  private boolean submitted;

  /** Null while the kernel holds something else than the tables of one moment. */
  private @Nullable PolicyTables inForce;

  /** Addresses that may have moved since; null = anything may be different. */
  private @Nullable Set<Ip> moves;

  /** Access may have been lost already, and the epoch is to be raised with the next success. */
  private boolean mayTake;

  private boolean rests;
  private long restUntilNs;
  private long generation;
  private long flips;
  private long refusals;
  private String obstacle = "";
  private List<Problem> problems = List.of();

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
    this.stands = stands;
    maps = new PolicyMaps(dataplane, buffers);
    guard = new PolicyGuard(dataplane.map(MapName.GUARD), options, buffers);
    sweep = new PolicySweep(maps, GRACE_NS);
  }

  void load() {
    maps.load();
    guard.table().load();
  }

  void submit(PolicyTables tables, NodeTables nodeTables) {
    node = nodeTables;
    guard.setRanges(nodeTables.podCidrs());
    if (options.on() && isNew(tables)) {
      if (tables.complete()) {
        moves = null;
      } else if (moves != null) {
        moves.addAll(tables.moved());
      }
      wanted = tables;
      backoff.succeeded();
    }
    submitted = true;
    hadDevice.retainAll(wanted.subjects().keySet());
    for (Ip ip : wanted.subjects().keySet()) {
      if (ifindex(ip) != 0) {
        hadDevice.add(ip);
      }
    }
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
    rests = rests && restUntilNs - nowNs > 0;
    if (!rests && backoff.isDue(nowNs) && (!isInForce() || subjectsDiffer())) {
      apply(nowNs);
    }
    sweep.run(inForce, side(), nowNs);
    if (!guard.changed(isInForce(), nowNs)) {
      obstacle = "the kernel refuses to write the table guard";
      backoff.failed(nowNs);
    } else if (isInForce()) {
      obstacle = "";
      backoff.succeeded();
    }
  }

  private void apply(long nowNs) {
    if (!closeOthers(nowNs)) {
      return;
    }
    int active = mostUsedSide();
    boolean any =
        maps.subjects(false).delta().actualSize() + maps.subjects(true).delta().actualSize() > 0;
    PolicyPlan plan = plan(active, inForce == null || side() < 0 ? null : moves);
    if (side() < 0) {
      PolicyPlan other = plan(1 - active, null);
      if (!plan.isClassed() && other.isClassed()) {
        plan = other; // what an agent that died in the middle of a flip was about to do
      } else if (!plan.isClassed() && !gather(plan, nowNs)) {
        return;
      }
    }
    boolean flip = plan.needsOtherSide(any);
    plan.wantRules(inForce == null ? Map.of() : inForce.sets());
    if (flip) {
      plan.wantOtherSide();
    } else if (!any) {
      plan.wantBothSides();
    } else {
      plan.wantMoved();
    }
    plan.wantSubjects(flip ? 1 - plan.side() : plan.side());
    String refusal = execute(plan, flip, nowNs);
    if (refusal.isEmpty()) {
      succeeded();
    } else {
      refused(refusal, nowNs);
    }
  }

  /**
   * Closes addresses that are no guarded pods' any more; first, since their sets may be out of
   * date.
   */
  private boolean closeOthers(long nowNs) {
    for (boolean v6 : new boolean[] {false, true}) {
      DeltaTable<Ip, SubjectEntry> delta = maps.subjects(v6).delta();
      for (Ip ip : delta.actualKeys()) {
        if (!wanted.subjects().containsKey(ip) || !isGuarded(ip)) {
          delta.remove(ip);
          mayTake = true;
        }
      }
    }
    MapTable<?, ?> refused =
        mayTake && !guard.announce(nowNs) ? guard.table() : maps.flush(maps.subjects(), nowNs);
    if (refused != null) {
      refused(refusedBy(refused), nowNs);
    }
    return refused == null;
  }

  /**
   * An agent died in the middle of a flip to something that is out of date by now. Neither side can
   * be written while pods look at both: those of the smaller one are closed for that moment.
   */
  private boolean gather(PolicyPlan plan, long nowNs) {
    plan.wantNobodyOnOtherSide();
    mayTake = true;
    MapTable<?, ?> refused =
        guard.announce(nowNs) ? maps.flush(maps.subjects(), nowNs) : guard.table();
    maps.giveUp();
    if (refused != null) {
      refused(refusedBy(refused), nowNs);
    }
    return refused == null;
  }

  private PolicyPlan plan(int side, @Nullable Set<Ip> candidates) {
    return new PolicyPlan(maps, wanted, side, candidates, this::isGuarded);
  }

  /** Does the steps; returns why it could not, in words, and empty if all is in force. */
  private String execute(PolicyPlan plan, boolean flip, long nowNs) {
    MapTable<?, ?> full = maps.tooFull();
    if (full != null) {
      return noRoom(full);
    }
    boolean takes = mayTake || plan.mayTakeAway();
    MapTable<?, ?> refused = maps.flush(maps.rules(), nowNs);
    if (refused == null && flip) {
      refused = maps.flush(maps.sides(), nowNs);
    }
    if (refused != null) {
      return refusedBy(refused);
    }
    if (takes && !guard.announce(nowNs)) {
      return refusedBy(guard.table());
    }
    PolicyTables before = inForce;
    inForce = null;
    refused = maps.flush(maps.sides(), nowNs);
    if (refused != null) {
      return refusedBy(refused);
    }
    return flipSubjects(before, flip, nowNs);
  }

  /** What was stored before one was refused is taken back: never half of a change. */
  private String flipSubjects(@Nullable PolicyTables before, boolean flip, long nowNs) {
    Map<Ip, @Nullable SubjectEntry> earlier = new HashMap<>();
    for (boolean v6 : new boolean[] {false, true}) {
      DeltaTable<Ip, SubjectEntry> delta = maps.subjects(v6).delta();
      delta
          .pendingUpdates()
          .forEach(each -> earlier.put(each.getKey(), delta.actual(each.getKey())));
    }
    MapTable<?, ?> refused = maps.flush(maps.subjects(), nowNs);
    if (refused != null) {
      String reason = refusedBy(refused);
      maps.giveUp();
      earlier.forEach(
          (ip, entry) -> {
            DeltaTable<Ip, SubjectEntry> delta = maps.subjects(ip.isV6()).delta();
            if (entry == null) {
              delta.remove(ip);
            } else {
              delta.set(ip, entry);
            }
          });
      if (maps.flush(maps.subjects(), nowNs) == null && flip) {
        inForce = before;
      }
      return reason;
    }
    if (flip) {
      flips++;
      rests = true;
      restUntilNs = nanoTime.getAsLong() + REST_NS;
    }
    return "";
  }

  private void succeeded() {
    inForce = wanted;
    moves = new HashSet<>();
    mayTake = false;
    generation++;
    obstacle = "";
    problems = List.of();
    backoff.succeeded();
    sweep.look();
  }

  private void refused(String reason, long nowNs) {
    problems = problemsOf(reason);
    maps.giveUp();
    obstacle = reason;
    refusals++;
    backoff.failed(nowNs);
    sweep.look();
  }

  private List<Problem> problemsOf(String reason) {
    Map<Long, PolicySet> known = inForce == null ? Map.of() : inForce.sets();
    Set<String> policies = new TreeSet<>();
    wanted.sets().values().stream()
        .filter(set -> !known.containsKey(set.id()))
        .forEach(set -> policies.addAll(set.policies()));
    String text =
        reason + "; the policies of before stay in force, and pods that are new stay closed";
    List<Problem> all = new ArrayList<>();
    policies.stream()
        .limit(NAMED_POLICIES)
        .forEach(each -> all.add(new Problem("", "NetworkPolicy " + each, "", text)));
    if (all.isEmpty()) {
      all.add(new Problem("", "NetworkPolicies", "", text));
    }
    return all;
  }

  private static String noRoom(MapTable<?, ?> full) {
    return "the table "
        + full.name()
        + " has room for "
        + full.capacity()
        + " entries, and "
        + full.delta().desiredSize()
        + " are needed while the change is made";
  }

  private static String refusedBy(MapTable<?, ?> table) {
    return "the kernel refuses to write the table " + table.name() + ", errno " + table.lastErrno();
  }

  /** The side that counts for the pods; -1 if it is not the same for all. */
  private int side() {
    int[] counts = sides();
    return counts[0] > 0 && counts[1] > 0 ? -1 : mostUsedSide();
  }

  private int mostUsedSide() {
    int[] counts = sides();
    return counts[1] > counts[0] ? 1 : 0;
  }

  private int[] sides() {
    int[] counts = new int[2];
    for (boolean v6 : new boolean[] {false, true}) {
      maps.subjects(v6).delta().forEachActual((ip, subject) -> counts[subject.side() & 1]++);
    }
    return counts;
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

  private boolean subjectsDiffer() {
    int there = 0;
    for (Map.Entry<Ip, io.millrace.compile.policy.Subject> entry : wanted.subjects().entrySet()) {
      SubjectEntry have = maps.subject(entry.getKey());
      if ((have != null) != isGuarded(entry.getKey())) {
        return true;
      }
      there += have == null ? 0 : 1;
    }
    return there
        != maps.subjects(false).delta().actualSize() + maps.subjects(true).delta().actualSize();
  }

  /** Its programs stand, or it has no device of its own: only then a pod is opened. */
  private boolean isGuarded(Ip ip) {
    int ifindex = ifindex(ip);
    return ifindex == 0 ? !hadDevice.contains(ip) : stands.test(ifindex);
  }

  private int ifindex(Ip ip) {
    NodeTables.Endpoint endpoint = node.endpoints().get(ip);
    return endpoint == null ? 0 : endpoint.ifindex();
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
    long wait = Math.min(backoff.waitNs(nowNs), sweep.waitNs(nowNs));
    return !isInForce() && rests ? Math.min(wait, restUntilNs - nowNs) : wait;
  }

  boolean isSettled() {
    return !submitted || (isInForce() && obstacle.isEmpty());
  }

  List<MapStatus> tables() {
    List<MapStatus> all = new ArrayList<>();
    maps.all().forEach(table -> all.add(table.status()));
    all.add(guard.table().status());
    return all;
  }

  List<Problem> problems() {
    List<Problem> all = new ArrayList<>(problems);
    if (guard.unguardedRanges() > 0) {
      all.add(
          new Problem(
              "",
              "Node",
              "spec.podCIDRs",
              "more blocks than can be guarded: pods of the others are open until their policies are in force"));
    }
    return all;
  }

  PolicyStatus status() {
    return PolicyStatus.of(
        options.on(),
        guard.isOn(),
        isInForce(),
        guard.epoch(),
        generation,
        flips,
        refusals,
        wanted);
  }
}
