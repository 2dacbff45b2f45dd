// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.bpf.Dataplane;
import io.millrace.bpf.MapName;
import io.millrace.compile.NodeTables;
import io.millrace.model.Cidr;
import io.millrace.model.Ip;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * endpoints, cluster, devs and vlans. Additions are written at once, removals after a grace period.
 */
final class HostTables {
  private final MapTable<Ip, NodeTables.Endpoint> endpoints4;
  private final MapTable<Ip, NodeTables.Endpoint> endpoints6;
  private final MapTable<Cidr, Boolean> cluster4;
  private final MapTable<Cidr, Boolean> cluster6;
  private final MapTable<Integer, NodeTables.Device> devices;

  /** Null without XDP. */
  private final @Nullable MapTable<NodeTables.VlanKey, NodeTables.Vlan> vlans;

  private final Quarantine<Object> grace = new Quarantine<>(ServiceTables.GRACE_NS);
  private final Set<Object> leaving = new HashSet<>();
  private @Nullable NodeTables desired;

  HostTables(Dataplane dataplane, BatchBuffers buffers) {
    endpoints4 =
        new MapTable<>(dataplane.map(MapName.ENDPOINTS4), new EndpointCodec(false), buffers);
    endpoints6 =
        new MapTable<>(dataplane.map(MapName.ENDPOINTS6), new EndpointCodec(true), buffers);
    cluster4 = new MapTable<>(dataplane.map(MapName.CLUSTER4), new ClusterCodec(false), buffers);
    cluster6 = new MapTable<>(dataplane.map(MapName.CLUSTER6), new ClusterCodec(true), buffers);
    devices = new MapTable<>(dataplane.map(MapName.DEVS), new DeviceCodec(), buffers);
    vlans =
        dataplane.has(MapName.VLANS)
            ? new MapTable<>(dataplane.map(MapName.VLANS), new VlanCodec(), buffers)
            : null;
  }

  void load() {
    tables().forEach(MapTable::load);
  }

  void submit(NodeTables tables, long nowNs) {
    if (tables.equals(desired)) {
      return;
    }
    desired = tables;
    tables.endpoints().forEach((ip, endpoint) -> endpoints(ip).delta().set(ip, endpoint));
    tables.cluster().forEach(block -> cluster(block).delta().set(block, true));
    tables.devices().forEach((ifindex, device) -> devices.delta().set(ifindex, device));
    leave(endpoints4, tables.endpoints().keySet(), nowNs);
    leave(endpoints6, tables.endpoints().keySet(), nowNs);
    leave(cluster4, tables.cluster(), nowNs);
    leave(cluster6, tables.cluster(), nowNs);
    leave(devices, tables.devices().keySet(), nowNs);
    if (vlans != null) {
      tables.vlans().forEach(vlans.delta()::set);
      leave(vlans, tables.vlans().keySet(), nowNs);
    }
  }

  void write(long nowNs) {
    grace.release(nowNs, this::drop);
    for (MapTable<?, ?> table : tables()) {
      table.flushUpdates(nowNs);
    }
  }

  void delete(long nowNs) {
    for (MapTable<?, ?> table : tables()) {
      table.flushDeletes(nowNs);
    }
  }

  int audit() {
    int differences = 0;
    for (MapTable<?, ?> table : tables()) {
      differences += table.audit();
    }
    return differences;
  }

  long waitNs(long nowNs) {
    long wait = grace.waitNs(nowNs);
    for (MapTable<?, ?> table : tables()) {
      wait = Math.min(wait, table.retryWaitNs(nowNs));
    }
    return wait;
  }

  boolean isSettled() {
    return leaving.isEmpty() && tables().stream().noneMatch(table -> table.delta().isPending());
  }

  List<MapStatus> status() {
    List<MapStatus> all = new ArrayList<>();
    tables().forEach(table -> all.add(table.status().withMorePending(leaving(table))));
    return all;
  }

  private int leaving(MapTable<?, ?> table) {
    return (int) leaving.stream().filter(key -> tableOf(key) == table && !isWanted(key)).count();
  }

  /** What is there stays for a grace period; what never got there is forgotten. */
  private <K, V> void leave(MapTable<K, V> table, Set<? super K> wanted, long nowNs) {
    for (Map.Entry<K, V> update : table.delta().pendingUpdates()) {
      if (!wanted.contains(update.getKey()) && table.delta().actual(update.getKey()) == null) {
        table.delta().remove(update.getKey());
      }
    }
    for (K key : table.delta().actualKeys()) {
      if (!wanted.contains(key) && leaving.add(key)) {
        grace.add(key, nowNs);
      }
    }
  }

  /** The grace period of a key is over: it goes, unless it is wanted again. */
  private void drop(Object key) {
    leaving.remove(key);
    if (isWanted(key)) {
      return;
    }
    if (key instanceof Ip ip) {
      endpoints(ip).delta().remove(ip);
    } else if (key instanceof Cidr block) {
      cluster(block).delta().remove(block);
    } else if (key instanceof Integer ifindex) {
      devices.delta().remove(ifindex);
    } else if (key instanceof NodeTables.VlanKey vlan && vlans != null) {
      vlans.delta().remove(vlan);
    }
  }

  private boolean isWanted(Object key) {
    NodeTables now = desired == null ? NodeTables.EMPTY : desired;
    if (key instanceof Ip ip) {
      return now.endpoints().containsKey(ip);
    }
    if (key instanceof Cidr block) {
      return now.cluster().contains(block);
    }
    if (key instanceof Integer ifindex) {
      return now.devices().containsKey(ifindex);
    }
    return key instanceof NodeTables.VlanKey vlan && now.vlans().containsKey(vlan);
  }

  private @Nullable MapTable<?, ?> tableOf(Object key) {
    if (key instanceof Ip ip) {
      return endpoints(ip);
    }
    if (key instanceof Cidr block) {
      return cluster(block);
    }
    return key instanceof Integer ? devices : vlans;
  }

  private MapTable<Ip, NodeTables.Endpoint> endpoints(Ip ip) {
    return ip.isV6() ? endpoints6 : endpoints4;
  }

  private MapTable<Cidr, Boolean> cluster(Cidr block) {
    return block.base().isV6() ? cluster6 : cluster4;
  }

  private List<MapTable<?, ?>> tables() {
    List<MapTable<?, ?>> all =
        new ArrayList<>(List.of(endpoints4, endpoints6, cluster4, cluster6, devices));
    if (vlans != null) {
      all.add(vlans);
    }
    return all;
  }
}
