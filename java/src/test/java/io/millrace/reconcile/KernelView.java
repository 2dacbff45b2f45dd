// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.bpf.MapName;
import io.millrace.bpf.XdpState;
import io.millrace.bpf.abi.BackendFlag;
import io.millrace.bpf.abi.DevFlag;
import io.millrace.bpf.abi.DevRole;
import io.millrace.bpf.abi.EndpointFlag;
import io.millrace.bpf.abi.SvcAlgo;
import io.millrace.bpf.abi.SvcFlag;
import io.millrace.compile.Frontend;
import io.millrace.compile.NodeTables;
import io.millrace.compile.Target;
import io.millrace.fake.FakeDataplane;
import io.millrace.model.Cidr;
import io.millrace.model.Ip;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What is in the fake kernel, decoded: as text, and checked for what must hold at any moment. */
final class KernelView {
  final TreeMap<Frontend, SvcEntry> svcs = new TreeMap<>();
  final TreeMap<Integer, BackendEntry> backends4;
  final TreeMap<Integer, BackendEntry> backends6;
  final TreeMap<Ip, NodeTables.Endpoint> endpoints = new TreeMap<>();
  final TreeSet<Cidr> cluster = new TreeSet<>();
  final TreeMap<RangeKey, Boolean> ranges4;
  final TreeMap<RangeKey, Boolean> ranges6;
  final TreeMap<Integer, NodeTables.Device> devices;
  final TreeMap<NodeTables.VlanKey, NodeTables.Vlan> vlans;
  private final FakeDataplane kernel;

  KernelView(FakeDataplane kernel) {
    this.kernel = kernel;
    svcs.putAll(read(kernel, MapName.SVCS4, new SvcCodec(false)));
    svcs.putAll(read(kernel, MapName.SVCS6, new SvcCodec(true)));
    backends4 = read(kernel, MapName.BACKENDS4, new BackendCodec(false));
    backends6 = read(kernel, MapName.BACKENDS6, new BackendCodec(true));
    endpoints.putAll(read(kernel, MapName.ENDPOINTS4, new EndpointCodec(false)));
    endpoints.putAll(read(kernel, MapName.ENDPOINTS6, new EndpointCodec(true)));
    cluster.addAll(read(kernel, MapName.CLUSTER4, new ClusterCodec(false)).keySet());
    cluster.addAll(read(kernel, MapName.CLUSTER6, new ClusterCodec(true)).keySet());
    ranges4 = read(kernel, MapName.RANGES4, new RangeCodec(false));
    ranges6 = read(kernel, MapName.RANGES6, new RangeCodec(true));
    devices = read(kernel, MapName.DEVS, new DeviceCodec());
    vlans = read(kernel, MapName.VLANS, new VlanCodec());
  }

  private static <K, V> TreeMap<K, V> read(FakeDataplane kernel, MapName name, Codec<K, V> codec) {
    TreeMap<K, V> entries = new TreeMap<>();
    kernel
        .map(name)
        .forEach(
            (key, value) -> {
              V entry = codec.readValue(value, 0);
              if (codec.isPresent(entry)) {
                entries.put(codec.readKey(key, 0), entry);
              }
            });
    return entries;
  }

  /** What must hold between any two writes: a packet never meets a dangling reference. */
  void checkReferences() {
    svcs.forEach(
        (frontend, entry) -> {
          checkRun(frontend, entry, entry.allBase(), entry.allCount());
          checkRun(frontend, entry, entry.localBase(), entry.localCount());
          checkRing(frontend, entry);
          assertThat(entry.ranges() == 0 || !list(frontend, entry.ranges()).isEmpty())
              .as("%s has its list", frontend)
              .isTrue();
          assertThat(entry.ringCount() > 0)
              .as("%s has a ring", frontend)
              .isEqualTo(entry.algo() == SvcAlgo.SVC_ALGO_MAGLEV);
        });
  }

  private void checkRun(Frontend frontend, SvcEntry entry, int base, int count) {
    if (count == 0) {
      assertThat(base).isZero();
      return;
    }
    assertThat(base).isPositive();
    for (int id : ids(base, count)) {
      BackendEntry backend = backends(frontend).get(id);
      assertThat(backend).as("%s leads to backend %d", frontend, id).isNotNull();
      assertThat(isActive(backend)).as("%s leads to backend %d", frontend, id).isTrue();
      assertThat(backend.svc()).as("%s leads to backend %d", frontend, id).isEqualTo(entry.id());
      assertThat(backend.protocol()).isEqualTo(frontend.protocol());
    }
  }

  private static boolean isActive(BackendEntry backend) {
    return (backend.flags() & BackendFlag.BACKEND_ACTIVE) != 0;
  }

  private int[] ids(int base, int count) {
    return Arrays.stream(kernel.slots().read(base, count)).mapToInt(Math::toIntExact).toArray();
  }

  private int[] places(SvcEntry entry) {
    int slots = RingPlaces.slots(entry.ringCount(), entry.allCount());
    return RingPlaces.unpack(
        kernel.slots().read(entry.ringBase(), slots), entry.ringCount(), entry.allCount());
  }

  private void checkRing(Frontend frontend, SvcEntry entry) {
    assertThat(entry.ringBase() > 0).isEqualTo(entry.ringCount() > 0);
    for (int number : places(entry)) {
      assertThat(number).as("place in the ring of %s", frontend).isBetween(1, entry.allCount());
    }
  }

  /**
   * Backends of services with session affinity say which sets they are in, others do not. Meanwhile
   * they may: a record that is wrongly ignored costs a client its backend, and no more.
   */
  void checkChosen() {
    svcs.forEach(
        (frontend, entry) -> {
          checkChosen(
              frontend, entry, BackendFlag.BACKEND_CHOSEN, entry.allBase(), entry.allCount());
          if (entry.localCount() > 0) {
            int flag = BackendFlag.BACKEND_CHOSEN_LOCAL;
            checkChosen(frontend, entry, flag, entry.localBase(), entry.localCount());
          }
        });
  }

  private void checkChosen(Frontend frontend, SvcEntry entry, int flag, int base, int count) {
    boolean wanted = entry.affinitySeconds() > 0;
    List<Integer> members = Arrays.stream(ids(base, count)).boxed().toList();
    backends(frontend)
        .forEach(
            (id, backend) -> {
              if (isActive(backend) && backend.svc() == entry.id() && entry.id() != 0) {
                assertThat((backend.flags() & flag) != 0)
                    .as("backend %d of %s says that it is chosen", id, frontend)
                    .isEqualTo(wanted && members.contains(id));
              }
            });
  }

  private TreeMap<Integer, BackendEntry> backends(Frontend frontend) {
    return frontend.ip().isV6() ? backends6 : backends4;
  }

  /** What a packet to each frontend meets; ids and runs left out. */
  Map<Frontend, String> meaning() {
    Map<Frontend, String> meaning = new TreeMap<>();
    svcs.forEach((frontend, entry) -> meaning.put(frontend, meaning(frontend, entry)));
    return meaning;
  }

  private String meaning(Frontend frontend, SvcEntry entry) {
    if (entry.id() == 0) {
      return "address" + ((entry.flags() & SvcFlag.SVC_REJECT) != 0 ? " reject" : " pass");
    }
    String text = "all " + run(frontend, entry.allBase(), entry.allCount());
    if ((entry.flags() & SvcFlag.SVC_SOCKET) != 0) {
      text += " socket";
    }
    if ((entry.flags() & (SvcFlag.SVC_LOCAL | SvcFlag.SVC_LOCAL_EXTERNAL)) != 0) {
      text += " " + ((entry.flags() & SvcFlag.SVC_LOCAL) != 0 ? "local" : "local-external");
      text += " " + run(frontend, entry.localBase(), entry.localCount());
    }
    if (entry.ringCount() > 0) {
      text += ring(frontend, entry);
    }
    text += entry.affinitySeconds() == 0 ? "" : " affinity " + entry.affinitySeconds();
    return entry.ranges() == 0 ? text : text + " for " + list(frontend, entry.ranges());
  }

  /** Who may ask. */
  private List<Cidr> list(Frontend frontend, int id) {
    return (frontend.ip().isV6() ? ranges6 : ranges4)
        .keySet().stream().filter(key -> key.list() == id).map(RangeKey::block).toList();
  }

  /** Slots, and a digest of who has which, by the order of the addresses; ids are left out. */
  private String ring(Frontend frontend, SvcEntry entry) {
    int[] members = ids(entry.allBase(), entry.allCount());
    TreeMap<Target, Integer> byAddress = new TreeMap<>();
    for (int id : members) {
      BackendEntry backend = backends(frontend).get(id);
      if (backend != null) {
        byAddress.put(new Target(backend.ip(), backend.port(), 0), id);
      }
    }
    Map<Integer, Integer> ranks = new HashMap<>();
    byAddress.values().forEach(id -> ranks.put(id, ranks.size()));
    return ring(
        Arrays.stream(places(entry))
            .map(number -> ranks.getOrDefault(members[number - 1], -1))
            .toArray());
  }

  static String ring(int[] ranks) {
    return " ring " + ranks.length + " " + Integer.toHexString(Arrays.hashCode(ranks));
  }

  private String run(Frontend frontend, int base, int count) {
    List<String> targets = new ArrayList<>();
    for (int id : ids(base, count)) {
      BackendEntry backend = backends(frontend).get(id);
      targets.add(backend == null ? "?" + id : address(backend.ip(), backend.port()));
    }
    targets.sort(null);
    return targets.isEmpty() ? "-" : String.join(" ", targets);
  }

  static String address(Ip ip, int port) {
    return (ip.isV4() ? ip.toString() : "[" + ip + "]") + ":" + port;
  }

  /** The whole state, one entry per line. */
  List<String> dump() {
    List<String> lines = new ArrayList<>();
    svcs.forEach(
        (frontend, entry) ->
            lines.add(
                (frontend.ip().isV6() ? "svcs6 " : "svcs4 ")
                    + frontend
                    + (entry.id() == 0 ? " " : " id " + entry.id() + " ")
                    + meaning(frontend, entry)));
    backends4.forEach((id, entry) -> lines.add("backends4 " + backend(id, entry)));
    backends6.forEach((id, entry) -> lines.add("backends6 " + backend(id, entry)));
    endpoints.forEach(
        (ip, entry) ->
            lines.add(
                (ip.isV6() ? "endpoints6 " : "endpoints4 ")
                    + ip
                    + ((entry.flags() & EndpointFlag.ENDPOINT_HOST) != 0 ? " host" : " pod")
                    + (entry.ifindex() == 0 ? "" : " ifindex " + entry.ifindex())));
    cluster.forEach(block -> lines.add((block.base().isV6() ? "cluster6 " : "cluster4 ") + block));
    ranges4.keySet().forEach(key -> lines.add("ranges4 " + key.list() + " " + key.block()));
    ranges6.keySet().forEach(key -> lines.add("ranges6 " + key.list() + " " + key.block()));
    devices.forEach((ifindex, device) -> lines.add("devs " + device(ifindex, device)));
    vlans.forEach(
        (key, vlan) ->
            lines.add(
                "vlans "
                    + (key.ifindex() + " tag " + key.vid())
                    + (" is " + vlan.ifindex() + " tag " + vlan.vid())));
    kernel
        .attachments()
        .forEach(
            each ->
                lines.add(
                    "attached "
                        + each.ifindex()
                        + " "
                        + (each.tc() ? each.role() : "-")
                        + (each.xdp() == XdpState.NONE ? "" : " xdp")));
    return lines;
  }

  private static String backend(int id, BackendEntry entry) {
    if (entry.isFree()) {
      return id + " free gen " + entry.gen();
    }
    return id
        + (isActive(entry) ? " " : " withdrawn ")
        + address(entry.ip(), entry.port())
        + " svc "
        + entry.svc()
        + ((entry.flags() & BackendFlag.BACKEND_LOCAL) != 0 ? " local" : "")
        + ((entry.flags() & BackendFlag.BACKEND_CLUSTER) != 0 ? " cluster" : "")
        + ((entry.flags() & BackendFlag.BACKEND_CHOSEN) != 0 ? " chosen" : "")
        + ((entry.flags() & BackendFlag.BACKEND_CHOSEN_LOCAL) != 0 ? " chosen-local" : "")
        + (entry.gen() == 0 ? "" : " gen " + entry.gen());
  }

  private static String device(int ifindex, NodeTables.Device device) {
    String role =
        switch (device.role()) {
          case DevRole.DEV_UPLINK -> "uplink";
          case DevRole.DEV_POD -> "pod";
          case DevRole.DEV_OTHER -> "other";
          default -> "node";
        };
    return ifindex
        + " "
        + role
        + (device.v4() == null ? "" : " " + device.v4())
        + (device.v6() == null ? "" : " " + device.v6())
        + (device.mac() == 0 ? "" : " mac " + Long.toHexString(device.mac()))
        + ((device.flags() & DevFlag.DEV_OWNED) == 0 ? "" : " owned");
  }

  /** Active backends as text, ids left out. */
  List<String> activeBackends() {
    List<String> active = new ArrayList<>();
    for (TreeMap<Integer, BackendEntry> backends : List.of(backends4, backends6)) {
      active.addAll(
          backends.values().stream()
              .filter(KernelView::isActive)
              .map(entry -> address(entry.ip(), entry.port()) + " svc " + entry.svc())
              .collect(Collectors.toList()));
    }
    active.sort(null);
    return active;
  }
}
