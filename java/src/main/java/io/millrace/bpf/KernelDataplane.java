// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

import io.millrace.bpf.abi.Abi;
import io.millrace.bpf.abi.DropReason;
import io.millrace.bpf.abi.FlowTimeout;
import io.millrace.bpf.abi.GcArgs;
import io.millrace.bpf.abi.Room;
import io.millrace.bpf.abi.Serving;
import io.millrace.bpf.abi.Trace;
import io.millrace.bpf.abi.WireAdopt;
import io.millrace.bpf.abi.WireAdoption;
import io.millrace.bpf.abi.WireAttachment;
import io.millrace.bpf.abi.WireFeature;
import io.millrace.bpf.abi.WireMapInfo;
import io.millrace.bpf.abi.WireOptions;
import io.millrace.bpf.abi.WireRole;
import io.millrace.bpf.abi.WireXdp;
import io.millrace.bpf.abi.WireXdpUse;
import io.millrace.bpf.jni.Native;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The programs and maps in the kernel, in the network namespace of this process. */
public final class KernelDataplane implements Dataplane {
  private static final int FIRST_ATTACHMENTS = 256;
  private static final double TICK_SECONDS = (1L << Abi.FLOW_TICK_SHIFT) / 1e9;

  private final Handle handle;
  private final Features features;
  private final Map<MapName, BpfMap> maps = new EnumMap<>(MapName.class);
  private final KernelSlotArena slots;
  private final KernelMap counters;
  private final KernelMap drops;

  // Of the thread that keeps the flow tables.
  private final ByteBuffer gcArgs = Calls.direct(GcArgs.SIZE);
  private final ByteBuffer room = Calls.direct(Room.SIZE);

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
    counters = KernelMap.of(handle, "counters");
    drops = KernelMap.of(handle, "drops");
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
    ByteBuffer found = Calls.direct(FIRST_ATTACHMENTS * WireAttachment.SIZE);
    int n = readAttachments(found);
    while (n * WireAttachment.SIZE > found.capacity()) {
      found = Calls.direct(2 * n * WireAttachment.SIZE);
      n = readAttachments(found);
    }
    List<Attachment> attachments = new ArrayList<>(n);
    for (int i = 0; i < n; i++) {
      int at = i * WireAttachment.SIZE;
      attachments.add(
          new Attachment(
              WireAttachment.ifindex(found, at),
              WireAttachment.role(found, at) == WireRole.WIRE_ROLE_POD ? Role.POD : Role.UPLINK,
              WireAttachment.complete(found, at) != 0,
              WireAttachment.tc(found, at) != 0,
              xdpState(WireAttachment.xdp(found, at))));
    }
    return attachments;
  }

  @Override
  public void attach(int ifindex, Role role) {
    int rc = Native.dataplaneAttach(handle.get(), ifindex, wireRole(role));
    Calls.check(rc, "attach the programs of role " + role + " to", "ifindex " + ifindex);
  }

  @Override
  public void detach(int ifindex, Role role) {
    int rc = Native.dataplaneDetach(handle.get(), ifindex, wireRole(role));
    Calls.check(rc, "detach the programs of role " + role + " from", "ifindex " + ifindex);
  }

  @Override
  public XdpOutcome attachXdp(int ifindex, Set<XdpUse> uses) {
    int wire = uses.contains(XdpUse.TAGS) ? WireXdpUse.WIRE_XDP_TAGS : 0;
    wire |= uses.contains(XdpUse.TRUNK) ? WireXdpUse.WIRE_XDP_TRUNK : 0;
    int rc = Native.dataplaneAttachXdp(handle.get(), ifindex, wire);
    return rc == 0 ? XdpOutcome.STANDS : new XdpOutcome(-rc, lastLine(Calls.takeLog(), -rc));
  }

  @Override
  public void detachXdp(int ifindex) {
    int rc = Native.dataplaneDetachXdp(handle.get(), ifindex);
    Calls.check(rc, "detach the XDP program from", "ifindex " + ifindex);
  }

  /** The sizes that the maps have, which may be older than what the options ask for. */
  public MapSizes sizes() {
    return SizesOnWire.read(this);
  }

  /** What the kernel said when it refused to load the XDP program, with the verifier's log. */
  public Optional<String> xdpError() {
    return text(Native.dataplaneXdpError(handle.get()));
  }

  @Override
  public int attachSockets(Path cgroup) {
    int rc = Native.dataplaneAttachSockets(handle.get(), cgroup.toString());
    return Calls.check(rc, "attach the programs for sockets to", cgroup.toString());
  }

  @Override
  public void detachSockets() {
    int rc = Native.dataplaneDetachSockets(handle.get());
    Calls.check(rc, "detach", "the programs for sockets");
  }

  @Override
  public Optional<String> socketsObstacle() {
    return text(Native.dataplaneSocketsError(handle.get()));
  }

  private static Optional<String> text(byte @Nullable [] text) {
    return text == null
        ? Optional.empty()
        : Optional.of(new String(text, StandardCharsets.UTF_8).strip());
  }

  @Override
  public List<Counter> counters() {
    ByteBuffer sum = Calls.direct(Long.BYTES);
    List<Counter> list = new ArrayList<>(io.millrace.bpf.abi.Counter.COUNTER_MAX);
    for (int i = 0; i < io.millrace.bpf.abi.Counter.COUNTER_MAX; i++) {
      counters.sumPerCpu(i, sum);
      String name = plainName(io.millrace.bpf.abi.Counter.name(i), "COUNTER_");
      list.add(new Counter(name, sum.getLong(0)));
    }
    return list;
  }

  @Override
  public List<DropCount> drops() {
    ByteBuffer sum = Calls.direct(io.millrace.bpf.abi.DropCount.SIZE);
    List<DropCount> list = new ArrayList<>(DropReason.DROP_REASON_MAX);
    for (int i = DropReason.DROP_NONE + 1; i < DropReason.DROP_REASON_MAX; i++) {
      drops.sumPerCpu(i, sum);
      list.add(
          new DropCount(
              plainName(DropReason.name(i), "DROP_"),
              io.millrace.bpf.abi.DropCount.packets(sum, 0),
              io.millrace.bpf.abi.DropCount.bytes(sum, 0)));
    }
    return list;
  }

  @Override
  public GcStats gc(FlowTable table, FlowTimeouts timeouts) {
    GcArgs.clear(gcArgs, 0);
    timeout(FlowTimeout.TIMEOUT_TCP_NEW, timeouts.tcpNew());
    timeout(FlowTimeout.TIMEOUT_TCP_ESTABLISHED, timeouts.tcpEstablished());
    timeout(FlowTimeout.TIMEOUT_TCP_CLOSING, timeouts.tcpClosing());
    timeout(FlowTimeout.TIMEOUT_TCP_CLOSED, timeouts.tcpClosed());
    timeout(FlowTimeout.TIMEOUT_UDP_NEW, timeouts.udpNew());
    timeout(FlowTimeout.TIMEOUT_UDP_ESTABLISHED, timeouts.udpEstablished());
    timeout(FlowTimeout.TIMEOUT_ICMP, timeouts.icmp());
    int rc = Native.dataplaneGc(handle.get(), table.family(), gcArgs);
    Calls.check(rc, "collect flows of", table.map().mapName());
    return new GcStats(
        GcArgs.scanned(gcArgs, 0),
        GcArgs.live(gcArgs, 0),
        GcArgs.expired(gcArgs, 0),
        GcArgs.orphans(gcArgs, 0),
        (long) (GcArgs.oldest(gcArgs, 0) * TICK_SECONDS),
        GcArgs.pressure(gcArgs, 0) != 0);
  }

  @Override
  public FlowRoom room(FlowTable table) {
    int rc = Native.dataplaneRoom(handle.get(), table.family(), room);
    Calls.check(rc, "read what is left of", table.map().mapName());
    return new FlowRoom(Room.left(room, 0), Room.low(room, 0));
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

  /** Rounded up: a flow is never ended early. */
  private void timeout(int index, int seconds) {
    GcArgs.timeout(gcArgs, 0, index, (int) Math.ceil(seconds / TICK_SECONDS));
  }

  private int readAttachments(ByteBuffer out) {
    return Calls.check(Native.dataplaneAttachments(handle.get(), out), "list", "what is attached");
  }

  private static int wireRole(Role role) {
    return role == Role.POD ? WireRole.WIRE_ROLE_POD : WireRole.WIRE_ROLE_UPLINK;
  }

  private static XdpState xdpState(int wire) {
    return switch (wire) {
      case WireXdp.WIRE_XDP_NONE -> XdpState.NONE;
      case WireXdp.WIRE_XDP_CURRENT -> XdpState.CURRENT;
      default -> XdpState.OTHER;
    };
  }

  /** Our own sentence follows whatever libbpf has to say. */
  private static String lastLine(String log, int errno) {
    return log.isEmpty() ? Errno.describe(errno) : log.substring(log.lastIndexOf('\n') + 1);
  }

  private static String plainName(String name, String prefix) {
    return name.substring(prefix.length()).toLowerCase(Locale.ROOT);
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
