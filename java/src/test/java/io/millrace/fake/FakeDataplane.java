// SPDX-License-Identifier: Apache-2.0
package io.millrace.fake;

import io.millrace.bpf.Adopted;
import io.millrace.bpf.Adoption;
import io.millrace.bpf.Attachment;
import io.millrace.bpf.BpfException;
import io.millrace.bpf.BpfMap;
import io.millrace.bpf.Dataplane;
import io.millrace.bpf.DropCount;
import io.millrace.bpf.Errno;
import io.millrace.bpf.Features;
import io.millrace.bpf.FlowRoom;
import io.millrace.bpf.FlowTable;
import io.millrace.bpf.FlowTimeouts;
import io.millrace.bpf.FormerMap;
import io.millrace.bpf.GcStats;
import io.millrace.bpf.Hold;
import io.millrace.bpf.MapName;
import io.millrace.bpf.PacketBatch;
import io.millrace.bpf.Role;
import io.millrace.bpf.SlotArena;
import io.millrace.bpf.XdpOutcome;
import io.millrace.bpf.XdpState;
import io.millrace.bpf.XdpUse;
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
import io.millrace.bpf.abi.Trace;
import io.millrace.bpf.abi.Vlan;
import io.millrace.bpf.abi.VlanKey;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/** What an agent finds in the kernel, and what stays there when it dies. */
public final class FakeDataplane implements Dataplane {
  private final Map<MapName, FakeMap> maps = new EnumMap<>(MapName.class);
  private final Map<Integer, Attachment> attachments = new TreeMap<>();
  private final long[] slots;
  private Consumer<String> afterWrite = map -> {};
  private ToIntFunction<String> faults = map -> 0;
  private long writes;
  private @Nullable Path cgroup;
  private List<FormerMap> formerMaps = List.of();
  private boolean upgrading;

  public FakeDataplane() {
    this(4096, 1 << 14);
  }

  /**
   * @param entries capacity of every map
   * @param slotCount capacity of the slot arena
   */
  public FakeDataplane(int entries, int slotCount) {
    slots = new long[slotCount];
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
    add(MapName.VLANS, VlanKey.SIZE, Vlan.SIZE, entries, false);
  }

  private void add(MapName name, int keySize, int valueSize, int entries, boolean array) {
    maps.put(name, new FakeMap(this, name.mapName(), keySize, valueSize, entries, array));
  }

  /** Called after every single entry written, with the name of the map. It may throw. */
  public void afterWrite(Consumer<String> hook) {
    afterWrite = hook;
  }

  /** Asked before every single entry; an errno other than 0 refuses it. */
  public void faults(ToIntFunction<String> source) {
    faults = source;
  }

  /** Entries written ever, slots and attachments included; XDP may be late and is not. */
  public long writes() {
    return writes;
  }

  /** Overwrites a slot behind the agent's back. */
  public void spoilSlot(int index, long value) {
    slots[index] = value;
  }

  /** Takes a tc program off behind the agent's back. */
  public void loseAttachment(int ifindex) {
    attachments.computeIfPresent(
        ifindex, (at, each) -> new Attachment(at, each.role(), false, true, each.xdp()));
  }

  int faultFor(String map) {
    return faults.applyAsInt(map);
  }

  void written(String map) {
    writes++;
    afterWrite.accept(map);
  }

  @Override
  public Features features() {
    return new Features(true, true, "fake");
  }

  @Override
  public BpfMap map(MapName name) {
    return fakeMap(name);
  }

  /** As {@link #map}. */
  public FakeMap fakeMap(MapName name) {
    FakeMap map = maps.get(name);
    if (map == null) {
      throw new IllegalArgumentException(name.toString());
    }
    return map;
  }

  @Override
  public boolean has(MapName name) {
    return maps.containsKey(name);
  }

  @Override
  public SlotArena slots() {
    return new SlotArena() {
      @Override
      public int capacity() {
        return slots.length;
      }

      @Override
      public void write(int base, long[] values) {
        for (int i = 0; i < values.length; i++) {
          slots[base + i] = values[i];
          written("slots");
        }
      }

      @Override
      public long[] read(int base, int count) {
        return Arrays.copyOfRange(slots, base, base + count);
      }
    };
  }

  /** Says that programs of an earlier version stand, with these maps of their own. */
  public void setFormerMaps(List<FormerMap> found) {
    formerMaps = List.copyOf(found);
    upgrading = !found.isEmpty();
    attachments.replaceAll(
        (at, each) -> new Attachment(at, each.role(), false, each.tc(), each.xdp()));
  }

  @Override
  public boolean isUpgrading() {
    return upgrading;
  }

  @Override
  public Optional<String> upgrade() {
    int errno = faults.applyAsInt("upgrade");
    if (errno != 0) {
      throw new BpfException(errno, "replace", "the programs of an earlier version", "");
    }
    upgrading = false;
    attachments.replaceAll((at, each) -> new Attachment(at, each.role(), true, true, each.xdp()));
    afterWrite.accept("upgrade");
    return Optional.empty();
  }

  @Override
  public List<FormerMap> formerMaps() {
    return formerMaps;
  }

  @Override
  public List<Attachment> attachments() {
    return List.copyOf(attachments.values());
  }

  @Override
  public XdpOutcome attachXdp(int ifindex, Set<XdpUse> uses) {
    int errno = faults.applyAsInt("xdp");
    if (errno == 0 && uses.contains(XdpUse.TRUNK)) {
      attachments.putIfAbsent(
          ifindex, new Attachment(ifindex, Role.UPLINK, false, false, XdpState.NONE));
    }
    Attachment before = attachments.get(ifindex);
    if (errno != 0 || before == null) {
      setXdp(ifindex, XdpState.NONE);
      return new XdpOutcome(errno == 0 ? Errno.ENODEV : errno, "errno " + errno);
    }
    setXdp(ifindex, XdpState.CURRENT);
    afterWrite.accept("xdp");
    return XdpOutcome.STANDS;
  }

  @Override
  public void detachXdp(int ifindex) {
    int errno = faults.applyAsInt("xdp");
    if (errno != 0) {
      throw new BpfException(errno, "detach XDP", "ifindex " + ifindex, "");
    }
    setXdp(ifindex, XdpState.NONE);
    attachments.values().removeIf(each -> each.ifindex() == ifindex && !each.tc());
    afterWrite.accept("xdp");
  }

  /** Says what of XDP is found on a device that has programs. */
  public void setXdp(int ifindex, XdpState xdp) {
    attachments.computeIfPresent(
        ifindex, (at, each) -> new Attachment(at, each.role(), each.complete(), each.tc(), xdp));
  }

  @Override
  public void attach(int ifindex, Role role) {
    int errno = faults.applyAsInt("attachments");
    if (errno != 0) {
      throw new BpfException(errno, "attach", "ifindex " + ifindex, "");
    }
    Attachment before = attachments.get(ifindex);
    XdpState xdp = before == null ? XdpState.NONE : before.xdp();
    attachments.put(ifindex, new Attachment(ifindex, role, true, true, xdp));
    written("attachments");
  }

  @Override
  public void detach(int ifindex, Role role) {
    attachments.remove(ifindex);
    written("attachments");
  }

  @Override
  public int attachSockets(Path folder) {
    int errno = faults.applyAsInt("sockets");
    if (errno != 0) {
      throw new BpfException(errno, "attach the programs for sockets to", folder.toString(), "");
    }
    boolean same = folder.equals(cgroup);
    cgroup = folder;
    return same ? 0 : 13;
  }

  @Override
  public void detachSockets() {
    cgroup = null;
  }

  /** Pins that somebody has removed. */
  public int lostPins;

  @Override
  public int repin() {
    int errno = faults.applyAsInt("pins");
    if (errno != 0) {
      throw new BpfException(errno, "pin", "maps", "");
    }
    int lost = lostPins;
    lostPins = 0;
    return lost;
  }

  private Hold hold = Hold.NONE;
  private Adopted adopted = Adopted.NONE;

  /** What the next looks find; the last one stays. */
  public final Deque<Adoption> adoptions = new ArrayDeque<>(List.of(Adoption.NONE));

  @Override
  public Hold hold() {
    return hold;
  }

  @Override
  public void setHold(Hold value) {
    hold = value;
    afterWrite.accept("serving");
  }

  @Override
  public Adoption adopt() {
    int errno = faults.applyAsInt("conntrack");
    if (errno != 0) {
      throw new BpfException(errno, "look at", "the tracked connections", "");
    }
    return adoptions.size() > 1 ? adoptions.removeFirst() : adoptions.getFirst();
  }

  @Override
  public Adopted adopted() {
    return adopted;
  }

  @Override
  public void setAdopted(Adopted value) {
    adopted = value;
  }

  @Override
  public Adoption keepAdopted() {
    return adopt();
  }

  @Override
  public Optional<String> socketsObstacle() {
    return Optional.empty();
  }

  /** The folder whose sockets are served. */
  public @Nullable Path cgroup() {
    return cgroup;
  }

  /** Takes the links off behind the agent's back. */
  public void loseSockets() {
    cgroup = null;
  }

  @Override
  public List<Counter> counters() {
    return List.of();
  }

  @Override
  public List<DropCount> drops() {
    return List.of();
  }

  @Override
  public GcStats gc(FlowTable table, FlowTimeouts timeouts) {
    return GcStats.NONE; // no flows here
  }

  @Override
  public FlowRoom room(FlowTable table) {
    return new FlowRoom(map(table.map()).maxEntries(), 0);
  }

  /** Told of every packet, whoever asks; to be written to. */
  public final ByteBuffer trace =
      ByteBuffer.allocateDirect(Trace.SIZE).order(ByteOrder.nativeOrder());

  @Override
  public ByteBuffer trace(String program, PacketBatch packet) {
    return trace;
  }

  @Override
  public void close() {}
}
