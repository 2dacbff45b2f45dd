// SPDX-License-Identifier: Apache-2.0
package io.millrace.fake;

import io.millrace.bpf.Adopted;
import io.millrace.bpf.Adoption;
import io.millrace.bpf.Attachment;
import io.millrace.bpf.BpfException;
import io.millrace.bpf.BpfMap;
import io.millrace.bpf.Dataplane;
import io.millrace.bpf.DropCount;
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
import io.millrace.bpf.abi.Trace;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/** What an agent finds in the kernel, and what stays there when it dies. */
public final class FakeDataplane implements Dataplane {
  private final FakeMaps maps;
  private final FakeAttachments attachments = new FakeAttachments();
  private final FakeSlots slots;
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
    slots = new FakeSlots(this, slotCount);
    maps = new FakeMaps(this, entries);
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
    slots.spoil(index, value);
  }

  /** Takes a tc program off behind the agent's back. */
  public void loseAttachment(int ifindex) {
    attachments.loseTc(ifindex);
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
    return maps.get(name);
  }

  @Override
  public boolean has(MapName name) {
    return maps.has(name);
  }

  @Override
  public SlotArena slots() {
    return slots;
  }

  /** Says that programs of an earlier version stand, with these maps of their own. */
  public void setFormerMaps(List<FormerMap> found) {
    formerMaps = List.copyOf(found);
    upgrading = !found.isEmpty();
    attachments.setComplete(false);
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
    attachments.setComplete(true);
    afterWrite.accept("upgrade");
    return Optional.empty();
  }

  @Override
  public List<FormerMap> formerMaps() {
    return formerMaps;
  }

  @Override
  public List<Attachment> attachments() {
    return attachments.all();
  }

  @Override
  public XdpOutcome attachXdp(int ifindex, Set<XdpUse> uses) {
    XdpOutcome outcome = attachments.attachXdp(ifindex, uses, faults.applyAsInt("xdp"));
    if (outcome.equals(XdpOutcome.STANDS)) {
      afterWrite.accept("xdp");
    }
    return outcome;
  }

  @Override
  public void detachXdp(int ifindex) {
    int errno = faults.applyAsInt("xdp");
    if (errno != 0) {
      throw new BpfException(errno, "detach XDP", "ifindex " + ifindex, "");
    }
    attachments.detachXdp(ifindex);
    afterWrite.accept("xdp");
  }

  /** Says what of XDP is found on a device that has programs. */
  public void setXdp(int ifindex, XdpState xdp) {
    attachments.setXdp(ifindex, xdp);
  }

  @Override
  public void attach(int ifindex, Role role) {
    int errno = faults.applyAsInt("attachments");
    if (errno != 0) {
      throw new BpfException(errno, "attach", "ifindex " + ifindex, "");
    }
    attachments.attach(ifindex, role);
    written("attachments");
  }

  @Override
  public void detach(int ifindex, Role role) {
    attachments.detach(ifindex);
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
