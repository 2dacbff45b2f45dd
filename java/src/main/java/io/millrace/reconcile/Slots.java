// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.bpf.SlotArena;

/** The slot arena: who has which run, and what is written there. */
final class Slots {
  private final SlotArena arena;
  private final SlotAllocator allocator;
  private long writes;
  private long drift;

  Slots(SlotArena arena, long quarantineNs) {
    this.arena = arena;
    allocator = new SlotAllocator(arena.capacity(), quarantineNs);
  }

  SlotAllocator allocator() {
    return allocator;
  }

  long[] read(int base, int count) {
    return arena.read(base, count);
  }

  /** Writes the new runs of a family as far as their backends are in force. */
  void write(FamilyState state, Backends backends) {
    write(state.all(), state.all(), backends);
    write(state.local(), state.local(), backends);
    write(state.ring(), state.all(), backends);
  }

  /** Whether frontends may lead to the runs of a family. */
  boolean isReady(FamilyState state, Backends backends) {
    return state.all().isWritten()
        && state.local().isWritten()
        && state.ring().isWritten()
        && backends.allInForce(state.all())
        && backends.allInForce(state.local());
  }

  /** Gives runs back that no frontend leads to. */
  void freeOld(FamilyState state, long nowNs) {
    for (Run run : state.oldRuns()) {
      allocator.free(run.base(), run.count(), nowNs);
    }
    state.oldRuns().clear();
  }

  /** Compares the runs of a family with the arena, and writes what differs. */
  int audit(FamilyState state) {
    int differences = audit(state.all()) + audit(state.ring());
    return state.local() == state.all() ? differences : differences + audit(state.local());
  }

  MapStatus status() {
    int used = allocator.used();
    return new MapStatus("slots", used, used, 0, arena.capacity(), writes, drift, 0, 0);
  }

  private int audit(Run run) {
    if (run.count() == 0 || !run.isWritten() || run.holds(arena.read(run.base(), run.count()))) {
      return 0;
    }
    drift++;
    write(run);
    return 1;
  }

  private void write(Run run, Run referents, Backends backends) {
    if (!run.isWritten() && backends.allInForce(referents)) {
      write(run);
      run.markWritten();
    }
  }

  private void write(Run run) {
    arena.write(run.base(), run.slots());
    writes += run.count();
  }
}
