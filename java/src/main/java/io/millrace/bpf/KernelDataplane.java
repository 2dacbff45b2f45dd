// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

import io.millrace.bpf.abi.Serving;
import io.millrace.bpf.abi.Trace;
import io.millrace.bpf.abi.WireAdopt;
import io.millrace.bpf.abi.WireAdoption;
import io.millrace.bpf.abi.WireFeature;
import io.millrace.bpf.abi.WireMapInfo;
import io.millrace.bpf.abi.WireOptions;
import io.millrace.bpf.jni.Native;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The programs and maps in the kernel, in the network namespace of this process. */
public final class KernelDataplane implements Dataplane {
  private final Handle handle;
  private final Features features;
  private final Map<MapName, BpfMap> maps = new EnumMap<>(MapName.class);
  private final KernelSlotArena slots;
  private final KernelAttachments attachments;
  private final KernelFlows flows;
  private final KernelStatistics statistics;

  private KernelDataplane(Handle handle) {
    this.handle = handle;
    int used = Native.dataplaneFeatures(handle.get());
    boolean tcx = (used & WireFeature.WIRE_FEATURE_TCX) != 0;
    boolean xdp = (used & WireFeature.WIRE_FEATURE_XDP) != 0;
    boolean direct = (used & WireFeature.WIRE_FEATURE_DIRECT) != 0;
    features = new Features(tcx, direct, System.getProperty("os.version", ""));
    for (MapName name : MapName.values()) {
      if ((xdp || name != MapName.VLANS) && (!name.isPolicy() || hasPolicy(handle))) {
        maps.put(name, KernelMap.of(handle, name.mapName()));
      }
    }
    slots = new KernelSlotArena(handle);
    attachments = new KernelAttachments(handle);
    flows = new KernelFlows(handle);
    statistics = new KernelStatistics(handle);
  }

  /** Whether the objects have the tables of policy. */
  private static boolean hasPolicy(Handle handle) {
    ByteBuffer info = Calls.direct(WireMapInfo.SIZE);
    return Native.dataplaneMap(handle.get(), MapName.GUARD.mapName(), info) > 0;
  }

  /**
   * Loads the programs, with the pinned maps where there are, and attaches nothing.
   *
   * @throws BpfException {@code ESTALE} if pinned maps are of a newer or incompatible build, {@code
   *     EPROTO} if objects and library are, {@code EACCES} with the verifier's log if the kernel
   *     refuses
   * @throws IllegalStateException if the native library is missing or of another build
   */
  public static KernelDataplane open(DataplaneOptions options) {
    NativeLibrary.load();
    String bpffs = options.bpffs().toString();
    long address = Native.dataplaneOpen(bpffs, options.objects().toString(), wireOptions(options));
    Calls.check(address, "open the dataplane at", bpffs);
    Handle handle = new Handle("the dataplane at " + bpffs, address, Native::dataplaneFree);
    try {
      return new KernelDataplane(handle);
    } catch (RuntimeException e) {
      handle.close();
      throw e;
    }
  }

  /**
   * Removes every trace from the kernel: links, filters in this network namespace, pins, and the
   * folder. No agent may run.
   *
   * @throws BpfException naming what could not be removed
   */
  public static void cleanup(Path bpffs) {
    NativeLibrary.load();
    Calls.check(Native.dataplaneCleanup(bpffs.toString()), "clean up", bpffs.toString());
  }

  @Override
  public Features features() {
    return features;
  }

  @Override
  public BpfMap map(MapName name) {
    BpfMap map = maps.get(name);
    if (map == null) {
      throw new IllegalArgumentException("no map " + name);
    }
    return map;
  }

  @Override
  public boolean has(MapName name) {
    return maps.containsKey(name);
  }

  @Override
  public SlotArena slots() {
    return slots;
  }

  @Override
  public boolean isUpgrading() {
    return Native.dataplaneIsUpgrading(handle.get());
  }

  @Override
  public Optional<String> upgrade() {
    int rc = Native.dataplaneUpgrade(handle.get());
    Calls.check(rc, "replace", "the programs of an earlier version");
    return rc == 0 ? Optional.empty() : Optional.of(Calls.takeLog());
  }

  @Override
  public List<FormerMap> formerMaps() {
    return FormerMap.list(out -> Native.dataplaneFormers(handle.get(), out));
  }

  @Override
  public List<Attachment> attachments() {
    return attachments.all();
  }

  @Override
  public void attach(int ifindex, Role role) {
    attachments.attach(ifindex, role);
  }

  @Override
  public void detach(int ifindex, Role role) {
    attachments.detach(ifindex, role);
  }

  @Override
  public XdpOutcome attachXdp(int ifindex, Set<XdpUse> uses) {
    return attachments.attachXdp(ifindex, uses);
  }

  @Override
  public void detachXdp(int ifindex) {
    attachments.detachXdp(ifindex);
  }

  @Override
  public int attachSockets(Path cgroup) {
    return attachments.attachSockets(cgroup);
  }

  @Override
  public void detachSockets() {
    attachments.detachSockets();
  }

  @Override
  public Optional<String> socketsObstacle() {
    return attachments.socketsObstacle();
  }

  @Override
  public List<Counter> counters() {
    return statistics.counters();
  }

  @Override
  public List<DropCount> drops() {
    return statistics.drops();
  }

  @Override
  public GcStats gc(FlowTable table, FlowTimeouts timeouts) {
    return flows.gc(table, timeouts);
  }

  @Override
  public FlowRoom room(FlowTable table) {
    return flows.room(table);
  }

  /** The sizes that the maps have, which may be older than what the options ask for. */
  public MapSizes sizes() {
    return SizesOnWire.read(this);
  }

  /** What the kernel said when it refused to load the XDP program, with the verifier's log. */
  public Optional<String> xdpError() {
    return attachments.xdpError();
  }

  @Override
  public int repin() {
    return Calls.check(Native.dataplaneRepin(handle.get()), "pin", "maps");
  }

  @Override
  public Hold hold() {
    int hold = Native.dataplaneServing(handle.get(), Serving.SERVING_HELD);
    return Hold.of(Calls.check(hold, "read", "who serves"));
  }

  @Override
  public void setHold(Hold hold) {
    int rc = Native.dataplaneSetServing(handle.get(), Serving.SERVING_HELD, hold.wire());
    Calls.check(rc, "write", "who serves");
  }

  @Override
  public Adopted adopted() {
    int adopted = Native.dataplaneServing(handle.get(), Serving.SERVING_ADOPTED);
    return Adopted.of(Calls.check(adopted, "read", "who serves"));
  }

  @Override
  public void setAdopted(Adopted adopted) {
    int rc = Native.dataplaneSetServing(handle.get(), Serving.SERVING_ADOPTED, adopted.wire());
    Calls.check(rc, "write", "who serves");
  }

  @Override
  public Adoption adopt() {
    return adoption(WireAdopt.WIRE_ADOPT_FIND);
  }

  @Override
  public Adoption keepAdopted() {
    return adoption(WireAdopt.WIRE_ADOPT_KEEP);
  }

  private Adoption adoption(int what) {
    ByteBuffer found = Calls.direct(WireAdoption.SIZE);
    int rc = Native.dataplaneAdopt(handle.get(), what, found);
    Calls.check(rc, "look at", "the tracked connections");
    return new Adoption(
        WireAdoption.tracked(found, 0),
        WireAdoption.written(found, 0),
        WireAdoption.gone(found, 0),
        WireAdoption.tcp(found, 0),
        WireAdoption.udp(found, 0),
        WireAdoption.apart(found, 0));
  }

  /**
   * Runs a tc program over packets that are sent nowhere. The maps are the live ones: what a packet
   * leaves in them stays.
   *
   * @param program its name in {@code bpf/}, for example {@code pod_in4}
   * @param batch its actions are filled in
   * @throws BpfException {@code ENOENT} if there is no such program, {@code ENODEV} or {@code
   *     EINVAL} if a device is not in this network namespace, or a frame has no IP header
   */
  public void run(String program, PacketBatch batch) {
    int rc =
        Native.dataplaneRun(
            handle.get(),
            program,
            batch.packets(),
            batch.count(),
            batch.frames(),
            batch.frameBytes());
    Calls.check(rc, "run", program);
  }

  @Override
  public ByteBuffer trace(String program, PacketBatch packet) {
    ByteBuffer trace = Calls.direct(Trace.SIZE);
    int rc =
        Native.dataplaneTrace(
            handle.get(), program, packet.packets(), packet.frames(), packet.frameBytes(), trace);
    Calls.check(rc, "ask", program);
    return trace;
  }

  /**
   * What reaches into the network namespaces of this node; to be closed before this. Empty if the
   * programs for sockets are not loaded.
   *
   * @param folder where the container runtime keeps the pods' namespaces
   */
  public Optional<NodeNetworks> networks(Path folder) {
    return KernelNodeNetworks.open(handle, folder);
  }

  /** What the programs tell of packets; to be closed before this. Empty if they tell nothing. */
  public Optional<EventRing> events() {
    return KernelEventRing.open(handle);
  }

  @Override
  public void close() {
    handle.close();
  }

  private static ByteBuffer wireOptions(DataplaneOptions options) {
    ByteBuffer wire = Calls.direct(WireOptions.SIZE);
    SizesOnWire.write(wire, options.sizes());
    WireOptions.rejectRate(wire, 0, options.rejectRate());
    WireOptions.snatPortMin(wire, 0, options.snatPortMin());
    WireOptions.snatPortMax(wire, 0, options.snatPortMax());
    int without = options.tcx() ? 0 : WireFeature.WIRE_FEATURE_TCX;
    without |= options.xdp() ? 0 : WireFeature.WIRE_FEATURE_XDP;
    without |= options.sockets() ? 0 : WireFeature.WIRE_FEATURE_SOCKETS;
    without |= options.direct() ? 0 : WireFeature.WIRE_FEATURE_DIRECT;
    WireOptions.without(wire, 0, without);
    return wire;
  }
}
