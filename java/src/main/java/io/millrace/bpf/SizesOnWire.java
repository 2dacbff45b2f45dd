// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

import io.millrace.bpf.abi.WireOptions;
import java.nio.ByteBuffer;

/** The sizes of maps as they are asked for, and as they are. */
final class SizesOnWire {
  private SizesOnWire() {}

  /** Into a {@code wire_options}. */
  static void write(ByteBuffer wire, MapSizes sizes) {
    WireOptions.flows4(wire, 0, sizes.flows4());
    WireOptions.flows6(wire, 0, sizes.flows6());
    WireOptions.svcs4(wire, 0, sizes.svcs4());
    WireOptions.svcs6(wire, 0, sizes.svcs6());
    WireOptions.slots(wire, 0, sizes.slots());
    WireOptions.backends4(wire, 0, sizes.backends4());
    WireOptions.backends6(wire, 0, sizes.backends6());
    WireOptions.endpoints4(wire, 0, sizes.endpoints4());
    WireOptions.endpoints6(wire, 0, sizes.endpoints6());
    WireOptions.devs(wire, 0, sizes.devs());
    WireOptions.affinity4(wire, 0, sizes.affinity4());
    WireOptions.affinity6(wire, 0, sizes.affinity6());
    PolicySizes policies = sizes.policies();
    WireOptions.subjects(wire, 0, policies.subjects());
    WireOptions.peers(wire, 0, policies.peers());
    WireOptions.sets(wire, 0, policies.sets());
    WireOptions.setPeers(wire, 0, policies.setPeers());
    WireOptions.setPorts(wire, 0, policies.setPorts());
  }

  /** Of maps that are there; those of two families with one size are as the smaller one is. */
  static MapSizes read(KernelDataplane dataplane) {
    return new MapSizes(
        size(dataplane, MapName.FLOWS4),
        size(dataplane, MapName.FLOWS6),
        size(dataplane, MapName.SVCS4),
        size(dataplane, MapName.SVCS6),
        dataplane.slots().capacity(),
        size(dataplane, MapName.BACKENDS4),
        size(dataplane, MapName.BACKENDS6),
        size(dataplane, MapName.ENDPOINTS4),
        size(dataplane, MapName.ENDPOINTS6),
        size(dataplane, MapName.DEVS),
        size(dataplane, MapName.AFFINITY4),
        size(dataplane, MapName.AFFINITY6),
        dataplane.has(MapName.SETS) ? readPolicies(dataplane) : PolicySizes.DEFAULT);
  }

  private static PolicySizes readPolicies(KernelDataplane dataplane) {
    return new PolicySizes(
        Math.min(size(dataplane, MapName.SUBJECTS4), size(dataplane, MapName.SUBJECTS6)),
        Math.min(size(dataplane, MapName.PEERS4), size(dataplane, MapName.PEERS6)),
        size(dataplane, MapName.SETS),
        size(dataplane, MapName.SET_PEERS),
        size(dataplane, MapName.SET_PORTS));
  }

  private static int size(KernelDataplane dataplane, MapName name) {
    return dataplane.map(name).maxEntries();
  }
}
