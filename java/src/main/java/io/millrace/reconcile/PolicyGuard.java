// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.bpf.BpfMap;
import io.millrace.bpf.abi.Abi;
import io.millrace.bpf.abi.GuardFlag;
import io.millrace.model.Cidr;
import io.millrace.model.Ip;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The table guard: what holds for all pods of this node. Once policies have been in force it stays
 * on for ever, also without an agent, until {@code cleanup} or {@code --policy off}.
 */
final class PolicyGuard {
  private static final int KEY = 0;
  private final MapTable<Integer, GuardEntry> table;
  private final PolicyOptions options;
  private Set<Cidr> ranges = Set.of();
  private boolean tellAllowed;

  PolicyGuard(BpfMap map, PolicyOptions options, BatchBuffers buffers) {
    table = new MapTable<>(map, new GuardCodec(), buffers);
    this.options = options;
  }

  MapTable<Integer, GuardEntry> table() {
    return table;
  }

  /** Where the addresses of this node's pods are from. */
  void setRanges(Set<Cidr> blocks) {
    ranges = new TreeSet<>(blocks);
  }

  void setTellAllowed(boolean tell) {
    tellAllowed = tell;
  }

  boolean isOn() {
    return now().has(GuardFlag.GUARD_ON);
  }

  int epoch() {
    return now().epoch();
  }

  /** Whether a pod with this address is closed while it has no entry; the others are open then. */
  boolean closes(Ip ip) {
    return ranges.stream()
        .anyMatch(each -> each.prefix() != 0 && each.contains(ip) && isGuarded(each));
  }

  private boolean isGuarded(Cidr block) {
    boolean v6 = block.base().isV6();
    return of(v6).size() <= Abi.GUARD_RANGES
        || now().ranges(v6).contains(new GuardEntry.Range(block, true));
  }

  /** How many blocks there are more than the table has room for. */
  int unguardedRanges() {
    int over = 0;
    for (boolean v6 : new boolean[] {false, true}) {
      over += Math.max(0, of(v6).size() - Abi.GUARD_RANGES);
    }
    return over;
  }

  /**
   * Something is about to change that may take access away. An agent that dies before {@link
   * #changed} leaves that mark, and the next one raises the epoch.
   */
  boolean announce(long nowNs) {
    GuardEntry now = now();
    return !options.rejudge()
        || now.epoch() == 0
        || write(now.with(now.flags() | GuardFlag.GUARD_CHANGING, now.epoch()), nowNs);
  }

  /** Access has been lost, and what else is to change has to wait: the mark stays for that. */
  boolean rejudge(long nowNs) {
    GuardEntry now = now();
    return !options.rejudge()
        || now.epoch() == 0
        || write(now.with(now.flags(), after(now.epoch())), nowNs);
  }

  /** All is in force: writes flags and ranges, and a new epoch if something was announced. */
  boolean changed(boolean inForce, long nowNs) {
    if (options.on() && !inForce && !isOn()) {
      return true; // nothing has been in force yet: nobody is to be closed
    }
    if (!options.on() && now().equals(GuardEntry.NOTHING)) {
      return true;
    }
    return writeRanges(nowNs) && write(now().with(flags(inForce), nextEpoch(inForce)), nowNs);
  }

  private int flags(boolean inForce) {
    if (!options.on()) {
      return 0;
    }
    int flags = GuardFlag.GUARD_ON;
    flags |= tellAllowed ? GuardFlag.GUARD_TELL_ALLOWED : 0;
    flags |= options.judgeToNode() ? GuardFlag.GUARD_JUDGE_TO_NODE : 0;
    flags |= options.judgeSelf() ? 0 : GuardFlag.GUARD_ALLOW_SELF;
    return inForce ? flags : flags | (now().flags() & GuardFlag.GUARD_CHANGING);
  }

  private int nextEpoch(boolean inForce) {
    GuardEntry now = now();
    boolean first = options.on() && now.epoch() == 0;
    if (!first && !(inForce && now.has(GuardFlag.GUARD_CHANGING))) {
      return now.epoch();
    }
    return after(now.epoch());
  }

  private static int after(int epoch) {
    return epoch == -1 ? 1 : epoch + 1;
  }

  /**
   * The value is not one store, so a range is never seen with the mask of another: masks go first
   * and come last.
   */
  private boolean writeRanges(long nowNs) {
    boolean done = true;
    for (boolean v6 : new boolean[] {false, true}) {
      Set<Cidr> wanted = options.on() ? of(v6) : Set.of();
      List<GuardEntry.Range> places = new ArrayList<>(now().ranges(v6));
      places.replaceAll(
          each ->
              new GuardEntry.Range(each.block(), each.counts() && wanted.contains(each.block())));
      done = done && writeRanges(v6, places, nowNs);
      List<Cidr> missing = new ArrayList<>(wanted);
      places.forEach(each -> missing.remove(each.counts() ? each.block() : null));
      for (int i = 0; i < places.size(); i++) {
        if (!places.get(i).counts()) {
          places.set(
              i,
              missing.isEmpty()
                  ? GuardEntry.NOWHERE
                  : new GuardEntry.Range(missing.remove(0), false));
        }
      }
      done = done && writeRanges(v6, places, nowNs);
      places.replaceAll(each -> new GuardEntry.Range(each.block(), each.block() != null));
      done = done && writeRanges(v6, places, nowNs);
    }
    return done;
  }

  private boolean writeRanges(boolean v6, List<GuardEntry.Range> places, long nowNs) {
    return write(now().withRanges(v6, places), nowNs);
  }

  private Set<Cidr> of(boolean v6) {
    Set<Cidr> some = new TreeSet<>(ranges);
    some.removeIf(each -> each.base().isV6() != v6 || each.prefix() == 0);
    return some;
  }

  private boolean write(GuardEntry entry, long nowNs) {
    if (entry.equals(now())) {
      return true;
    }
    table.delta().set(KEY, entry);
    table.flushUpdates(nowNs);
    boolean done = !table.isRefused();
    table.giveUp();
    return done;
  }

  private GuardEntry now() {
    GuardEntry actual = table.delta().actual(KEY);
    return actual == null ? GuardEntry.NOTHING : actual;
  }

  /** Writes back what somebody else has changed. */
  int audit(long nowNs) {
    int differences = table.audit();
    table.flushUpdates(nowNs);
    table.giveUp();
    return differences;
  }
}
