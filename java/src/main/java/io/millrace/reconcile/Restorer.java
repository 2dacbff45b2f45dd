// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.compile.Desired;
import io.millrace.compile.Frontend;
import io.millrace.compile.PortProgram;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads what an earlier agent left in the kernel, and gives each ServicePort back its ids and runs,
 * so that the first plan changes only what has to change. Writes nothing.
 *
 * <p>A service id belongs to the port that has frontends of that id. What belongs to nobody is
 * taken over by a port without a key, which the ordinary steps then clear away, grace periods
 * included.
 */
final class Restorer {
  private final ServiceTables tables;

  /** By service id: the frontends found, and the backends found. */
  private final Map<Integer, Found> found = new HashMap<>();

  private static final class Found {
    final List<Frontend> frontends = new ArrayList<>(2);
    final List<Integer> backends4 = new ArrayList<>(0);
    final List<Integer> backends6 = new ArrayList<>(0);

    List<Integer> backends(boolean v6) {
      return v6 ? backends6 : backends4;
    }
  }

  private Restorer(ServiceTables tables) {
    this.tables = tables;
  }

  static void restore(ServiceTables tables, Desired desired) {
    Restorer restorer = new Restorer(tables);
    restorer.load(false);
    restorer.load(true);
    restorer.dropStaleAddresses(desired);
    restorer.assign(desired);
  }

  private void load(boolean v6) {
    tables.ranges().load(v6);
    MapTable<Frontend, SvcEntry> svcs = tables.svcs(v6);
    svcs.load();
    svcs.delta()
        .forEachActual(
            (frontend, entry) -> {
              if (entry.id() != 0) {
                found(entry.id()).frontends.add(frontend);
              }
            });
    Backends backends = tables.backends(v6);
    backends.table().load();
    backends
        .table()
        .delta()
        .forEachActual(
            (id, entry) -> {
              if (!entry.isFree()) {
                found(entry.svc()).backends(v6).add(id);
                backends.ids().reserve(id);
              }
            });
  }

  private Found found(int svcId) {
    return found.computeIfAbsent(svcId, key -> new Found());
  }

  /** Address entries that nobody wants, and entries without a service id that are none. */
  private void dropStaleAddresses(Desired desired) {
    for (boolean v6 : new boolean[] {false, true}) {
      DeltaTable<Frontend, SvcEntry> delta = tables.svcs(v6).delta();
      for (Frontend frontend : delta.actualKeys()) {
        SvcEntry entry = delta.actual(frontend);
        boolean wanted =
            frontend.isAddress()
                && desired.addresses().getOrDefault(frontend.ip(), Desired.AddressUse.NONE)
                    != Desired.AddressUse.NONE;
        if (entry != null && entry.id() == 0 && !wanted) {
          delta.remove(frontend);
        }
      }
    }
  }

  private void assign(Desired desired) {
    List<Desired.Port> ports = new ArrayList<>(desired.ports());
    ports.sort(Comparator.comparing(Desired.Port::key));
    List<Desired.Port> ambiguous = new ArrayList<>();
    for (Desired.Port port : ports) {
      SortedSet<Integer> ids = idsOf(port);
      if (ids.size() == 1) {
        claim(port, ids.first());
      } else if (ids.size() > 1) {
        ambiguous.add(port);
      }
    }
    for (Desired.Port port : ambiguous) {
      for (int id : idsOf(port)) {
        if (claim(port, id)) {
          break;
        }
      }
    }
    for (int id : new TreeSet<>(found.keySet())) {
      adopt(new PortState(null), id);
    }
  }

  private SortedSet<Integer> idsOf(Desired.Port port) {
    TreeSet<Integer> ids = new TreeSet<>();
    for (PortProgram.Rule rule : port.rules()) {
      Frontend frontend = rule.frontend();
      SvcEntry entry = tables.svcs(frontend.ip().isV6()).delta().actual(frontend);
      if (entry != null && entry.id() != 0) {
        ids.add(entry.id());
      }
    }
    return ids;
  }

  /** Gives a port the id, unless another port has it already. */
  private boolean claim(Desired.Port port, int id) {
    if (!found.containsKey(id) || id < 0 || id >= ServiceTables.SVC_ID_LIMIT) {
      return false;
    }
    adopt(new PortState(port.key()), id);
    return true;
  }

  private void adopt(PortState port, int id) {
    Found mine = found.remove(id);
    if (mine == null) {
      return;
    }
    tables.svcIds().reserve(id);
    port.setSvcId(id);
    port.stale().addAll(mine.frontends);
    for (boolean v6 : new boolean[] {false, true}) {
      FamilyState state = port.family(v6);
      adoptBackends(port, state, mine.backends(v6), v6);
      for (Frontend frontend : mine.frontends) {
        if (frontend.ip().isV6() == v6) {
          SvcEntry entry = tables.svcs(v6).delta().actual(frontend);
          adoptRuns(state, entry);
          if (entry != null && entry.ranges() != 0) {
            port.hold(tables.ranges().found(v6, entry.ranges()));
          }
        }
      }
    }
    tables.adopt(port);
  }

  /** All backends start as retired; the first plan takes those up again that it wants. */
  private void adoptBackends(PortState port, FamilyState state, List<Integer> ids, boolean v6) {
    ids.sort(null);
    for (int id : ids) {
      BackendEntry entry = tables.backends(v6).table().delta().actual(id);
      if (entry != null) {
        state.retired().add(new Retired(port, id, entry.ip(), entry.port()));
      }
    }
  }

  /** All runs start as old; the first plan takes those up again that hold what it wants. */
  private void adoptRuns(FamilyState state, @Nullable SvcEntry entry) {
    if (entry != null) {
      adoptRun(state, entry.allBase(), entry.allCount(), entry.allCount());
      adoptRun(state, entry.localBase(), entry.localCount(), entry.localCount());
      int places = entry.ringCount();
      adoptRun(state, entry.ringBase(), RingPlaces.slots(places, entry.allCount()), places);
    }
  }

  private void adoptRun(FamilyState state, int base, int count, int choices) {
    for (Run known : state.oldRuns()) {
      if (known.base() == base) {
        return;
      }
    }
    if (tables.slots().allocator().reserve(base, count)) {
      state.oldRuns().add(Run.found(base, tables.slots().read(base, count), choices));
    }
  }
}
