// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.bpf.Dataplane;
import io.millrace.bpf.MapName;
import io.millrace.bpf.abi.Abi;
import io.millrace.bpf.abi.PortProto;
import io.millrace.compile.policy.Bits;
import io.millrace.model.Cidr;
import io.millrace.model.Ip;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The tables of policy: what is in them, and in which order they are written. */
final class PolicyMaps {
  /** Whether of IPv6: for what is done for both. */
  static final boolean[] FAMILIES = {false, true};

  /** Elements of port_cells on one side. */
  static final int CELLS = PortProto.PORT_PROTOS * Abi.PORT_CELLS;

  private final MapTable<Ip, SubjectEntry> subjects4;
  private final MapTable<Ip, SubjectEntry> subjects6;
  private final MapTable<Ip, Classes> peers4;
  private final MapTable<Ip, Classes> peers6;
  private final MapTable<Cidr, Classes> blocks4;
  private final MapTable<Cidr, Classes> blocks6;
  private final MapTable<Integer, PortCell> portCells;
  private final MapTable<Long, SetEntry> sets;
  private final MapTable<SetPeer, Bits> setPeers;
  private final MapTable<SetPort, Bits> setPorts;

  PolicyMaps(Dataplane dataplane, BatchBuffers buffers) {
    subjects4 = new MapTable<>(dataplane.map(MapName.SUBJECTS4), new SubjectCodec(false), buffers);
    subjects6 = new MapTable<>(dataplane.map(MapName.SUBJECTS6), new SubjectCodec(true), buffers);
    peers4 = new MapTable<>(dataplane.map(MapName.PEERS4), new PeerCodec(false), buffers);
    peers6 = new MapTable<>(dataplane.map(MapName.PEERS6), new PeerCodec(true), buffers);
    blocks4 = new MapTable<>(dataplane.map(MapName.BLOCKS4), new BlockCodec(false), buffers);
    blocks6 = new MapTable<>(dataplane.map(MapName.BLOCKS6), new BlockCodec(true), buffers);
    portCells = new MapTable<>(dataplane.map(MapName.PORT_CELLS), new PortCellCodec(), buffers);
    sets = new MapTable<>(dataplane.map(MapName.SETS), new SetCodec(), buffers);
    setPeers = new MapTable<>(dataplane.map(MapName.SET_PEERS), new RowCodec.Peers(), buffers);
    setPorts = new MapTable<>(dataplane.map(MapName.SET_PORTS), new RowCodec.Ports(), buffers);
  }

  MapTable<Ip, SubjectEntry> subjects(boolean v6) {
    return v6 ? subjects6 : subjects4;
  }

  MapTable<Ip, Classes> peers(boolean v6) {
    return v6 ? peers6 : peers4;
  }

  MapTable<Cidr, Classes> blocks(boolean v6) {
    return v6 ? blocks6 : blocks4;
  }

  MapTable<Integer, PortCell> portCells() {
    return portCells;
  }

  MapTable<Long, SetEntry> sets() {
    return sets;
  }

  MapTable<SetPeer, Bits> setPeers() {
    return setPeers;
  }

  MapTable<SetPort, Bits> setPorts() {
    return setPorts;
  }

  @Nullable SubjectEntry subject(Ip ip) {
    return subjects(ip.isV6()).delta().actual(ip);
  }

  /** Pods' addresses that have an entry. */
  int subjectCount() {
    return subjects4.delta().actualSize() + subjects6.delta().actualSize();
  }

  void load() {
    all().forEach(MapTable::load);
  }

  /** What is wanted of an element of port_cells, which cannot be deleted. */
  void wantCell(int index, PortCell cell) {
    DeltaTable<Integer, PortCell> delta = portCells.delta();
    if (cell.equals(PortCell.NONE) && delta.actual(index) == null) {
      delta.remove(index);
    } else {
      delta.set(index, cell);
    }
  }

  /** The first table that has no room for all it should hold; null if there is none. */
  @Nullable MapTable<?, ?> tooFull() {
    for (MapTable<?, ?> table : all()) {
      if (table.delta().desiredSize() > table.capacity()) {
        return table;
      }
    }
    return null;
  }

  /** Writes what is missing; returns a table that the kernel refused, null if there is none. */
  @Nullable MapTable<?, ?> flush(List<? extends MapTable<?, ?>> tables, long nowNs) {
    MapTable<?, ?> refused = null;
    for (MapTable<?, ?> table : tables) {
      table.flushUpdates(nowNs);
      table.flushDeletes(nowNs);
      if (refused == null && table.isRefused()) {
        refused = table;
      }
    }
    return refused;
  }

  /** Forgets what should be there and is not. */
  void giveUp() {
    all().forEach(MapTable::giveUp);
  }

  /** Rules: rows before the sets that they belong to. */
  List<MapTable<?, ?>> rules() {
    return List.of(setPeers, setPorts, sets);
  }

  /** What is there for each side. */
  List<MapTable<?, ?>> sides() {
    return List.of(blocks4, blocks6, peers4, peers6, portCells);
  }

  List<MapTable<?, ?>> subjects() {
    return List.of(subjects4, subjects6);
  }

  List<MapTable<?, ?>> all() {
    return List.of(
        setPeers, setPorts, sets, blocks4, blocks6, peers4, peers6, portCells, subjects4,
        subjects6);
  }

  /** Sets that subjects lead to, by what is in the kernel. */
  Set<Long> setsInUse() {
    Set<Long> used = new HashSet<>();
    for (boolean v6 : FAMILIES) {
      subjects(v6)
          .delta()
          .forEachActual(
              (ip, subject) -> {
                follow(subject.ingress(), used);
                follow(subject.egress(), used);
              });
    }
    return used;
  }

  private void follow(long first, Set<Long> used) {
    long id = first;
    while (id != 0 && used.add(id)) {
      SetEntry set = sets.delta().actual(id);
      id = set == null ? 0 : set.next();
    }
  }

  /** Compares with the kernel; the next flush mends. */
  int audit() {
    int differences = 0;
    for (MapTable<?, ?> table : all()) {
      differences += table.audit();
    }
    for (int index : portCells.delta().pendingDeletes()) {
      portCells.delta().set(index, PortCell.NONE);
    }
    return differences;
  }
}
