// SPDX-License-Identifier: Apache-2.0
package io.millrace.fake;

import io.millrace.bpf.MapName;
import io.millrace.bpf.abi.Abi;
import io.millrace.bpf.abi.Affinity;
import io.millrace.bpf.abi.Affinity4Key;
import io.millrace.bpf.abi.Affinity6Key;
import io.millrace.bpf.abi.Backend4;
import io.millrace.bpf.abi.Backend6;
import io.millrace.bpf.abi.Block;
import io.millrace.bpf.abi.Block4Key;
import io.millrace.bpf.abi.Block6Key;
import io.millrace.bpf.abi.Cluster;
import io.millrace.bpf.abi.Cluster4Key;
import io.millrace.bpf.abi.Cluster6Key;
import io.millrace.bpf.abi.Dev;
import io.millrace.bpf.abi.Endpoint;
import io.millrace.bpf.abi.Flow4;
import io.millrace.bpf.abi.Flow4Key;
import io.millrace.bpf.abi.Flow6;
import io.millrace.bpf.abi.Flow6Key;
import io.millrace.bpf.abi.Guard;
import io.millrace.bpf.abi.Peer;
import io.millrace.bpf.abi.PolicySet;
import io.millrace.bpf.abi.PolicySetKey;
import io.millrace.bpf.abi.PortCell;
import io.millrace.bpf.abi.PortProto;
import io.millrace.bpf.abi.Range;
import io.millrace.bpf.abi.Range4Key;
import io.millrace.bpf.abi.Range6Key;
import io.millrace.bpf.abi.RuleBits;
import io.millrace.bpf.abi.SetPeerKey;
import io.millrace.bpf.abi.SetPortKey;
import io.millrace.bpf.abi.Subject;
import io.millrace.bpf.abi.Svc;
import io.millrace.bpf.abi.Svc4Key;
import io.millrace.bpf.abi.Svc6Key;
import io.millrace.bpf.abi.Vlan;
import io.millrace.bpf.abi.VlanKey;
import java.util.EnumMap;
import java.util.Map;

/**
 * The maps that the agent writes, with keys and values of the sizes that they have in the kernel.
 */
final class FakeMaps {
  private final Map<MapName, FakeMap> maps = new EnumMap<>(MapName.class);
  private final FakeDataplane of;

  /**
   * @param entries capacity of every map
   */
  FakeMaps(FakeDataplane of, int entries) {
    this.of = of;
    services(entries);
    policies(entries);
  }

  private void services(int entries) {
    add(MapName.FLOWS4, Flow4Key.SIZE, Flow4.SIZE, entries, false);
    add(MapName.FLOWS6, Flow6Key.SIZE, Flow6.SIZE, entries, false);
    add(MapName.SVCS4, Svc4Key.SIZE, Svc.SIZE, entries, false);
    add(MapName.SVCS6, Svc6Key.SIZE, Svc.SIZE, entries, false);
    add(MapName.BACKENDS4, 4, Backend4.SIZE, entries, true);
    add(MapName.BACKENDS6, 4, Backend6.SIZE, entries, true);
    add(MapName.ENDPOINTS4, 4, Endpoint.SIZE, entries, false);
    add(MapName.ENDPOINTS6, 16, Endpoint.SIZE, entries, false);
    add(MapName.CLUSTER4, Cluster4Key.SIZE, Cluster.SIZE, entries, false);
    add(MapName.CLUSTER6, Cluster6Key.SIZE, Cluster.SIZE, entries, false);
    add(MapName.AFFINITY4, Affinity4Key.SIZE, Affinity.SIZE, entries, false);
    add(MapName.AFFINITY6, Affinity6Key.SIZE, Affinity.SIZE, entries, false);
    add(MapName.RANGES4, Range4Key.SIZE, Range.SIZE, entries, false);
    add(MapName.RANGES6, Range6Key.SIZE, Range.SIZE, entries, false);
    add(MapName.DEVS, 4, Dev.SIZE, entries, false);
    add(MapName.VLANS, VlanKey.SIZE, Vlan.SIZE, entries, false);
  }

  private void policies(int entries) {
    add(MapName.SUBJECTS4, 4, Subject.SIZE, entries, false);
    add(MapName.SUBJECTS6, 16, Subject.SIZE, entries, false);
    add(MapName.PEERS4, 4, Peer.SIZE, entries, false);
    add(MapName.PEERS6, 16, Peer.SIZE, entries, false);
    add(MapName.BLOCKS4, Block4Key.SIZE, Block.SIZE, entries, false);
    add(MapName.BLOCKS6, Block6Key.SIZE, Block.SIZE, entries, false);
    int cells = Abi.POLICY_SIDES * PortProto.PORT_PROTOS * Abi.PORT_CELLS;
    add(MapName.PORT_CELLS, 4, PortCell.SIZE, cells, true);
    add(MapName.SETS, PolicySetKey.SIZE, PolicySet.SIZE, entries, false);
    add(MapName.SET_PEERS, SetPeerKey.SIZE, RuleBits.SIZE, entries, false);
    add(MapName.SET_PORTS, SetPortKey.SIZE, RuleBits.SIZE, entries, false);
    add(MapName.GUARD, 4, Guard.SIZE, 1, true);
  }

  private void add(MapName name, int keySize, int valueSize, int entries, boolean array) {
    maps.put(name, new FakeMap(of, name.mapName(), keySize, valueSize, entries, array));
  }

  boolean has(MapName name) {
    return maps.containsKey(name);
  }

  FakeMap get(MapName name) {
    FakeMap map = maps.get(name);
    if (map == null) {
      throw new IllegalArgumentException(name.toString());
    }
    return map;
  }
}
