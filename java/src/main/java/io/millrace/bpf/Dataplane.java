// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The programs and maps of one node in the kernel. Closing it leaves everything in force: pins keep
 * maps and links alive, and traffic goes on.
 *
 * <p>Not thread-safe: owned by the control thread. Other threads may do what {@link FlowTables}
 * offers, and read maps, as long as it is open.
 */
public interface Dataplane extends FlowTables, AutoCloseable {
  Features features();

  /**
   * A map that the programs use.
   *
   * @throws IllegalArgumentException if the programs that it belongs to are not loaded
   */
  BpfMap map(MapName name);

  /** Whether the programs that it belongs to are loaded. */
  boolean has(MapName name);

  SlotArena slots();

  /**
   * Whether there are maps of an earlier version, whose programs go on with them. Then nothing may
   * be attached before the maps are written and {@link #upgrade} has been through.
   */
  boolean isUpgrading();

  /**
   * Carries over what the programs of an earlier version keep, and puts ours in the places of all
   * of them; XDP rests until it is attached again. May be called again after a failure.
   *
   * @return why that was not done at once, so that connections that began meanwhile may be cut;
   *     empty if it was
   */
  Optional<String> upgrade();

  /** The maps of earlier versions that were found when this was opened. */
  List<FormerMap> formerMaps();

  /** What stands on the node's devices now. */
  List<Attachment> attachments();

  /**
   * Puts the programs of {@code role} on a device, or replaces older ones without a gap. Doing it
   * again changes nothing.
   *
   * @throws BpfException {@code ENODEV} if the device is gone
   */
  void attach(int ifindex, Role role);

  /** Takes them off, the XDP program included; a device that is gone is no error. */
  void detach(int ifindex, Role role);

  /**
   * Puts the XDP program on an uplink, or the device below one, in the driver, or replaces an older
   * one without a gap, and lets XDP send by this device. Doing it again changes nothing, but asks
   * again whether it may stand there.
   */
  XdpOutcome attachXdp(int ifindex, Set<XdpUse> uses);

  /** Takes it off, also that of an earlier run; a device that is gone is no error. */
  void detachXdp(int ifindex);

  /**
   * Puts the programs for sockets on a cgroup v2 folder, or replaces older ones without a gap.
   * Doing it again changes nothing.
   *
   * @return how many links it made or changed
   * @throws BpfException {@code ENOTSUP} if they are not loaded, {@code EINVAL} if the folder is
   *     none of cgroup v2
   */
  int attachSockets(Path cgroup);

  /** Takes them off. */
  void detachSockets();

  /**
   * Pins again the maps whose pins somebody has removed: the next agent would not find them.
   *
   * @return how many
   */
  int repin();

  /** Serves services from now on, or leaves new connections to somebody else. One store. */
  void setHold(Hold hold);

  /**
   * Enters the connections to services that somebody else translates among the flows, so that their
   * packets are left to the stack. What has an entry keeps it.
   */
  Adoption adopt();

  /** Why the programs for sockets are not loaded, if the options ask for them. */
  Optional<String> socketsObstacle();

  /** {@code enum counter} by name, in its order, all CPUs together. */
  List<Counter> counters();

  /** {@code enum drop_reason} but DROP_NONE, in its order. */
  List<DropCount> drops();

  /**
   * What would become of a packet: the hooks' decisions over the live maps, with nothing left
   * behind. Takes a tenth of a second; any thread may ask.
   *
   * @param program of {@code bpf/trace.bpf.c}, for example {@code trace_pod_in4}
   * @param packet the first of the batch is asked about
   * @return a {@code struct trace}
   * @throws BpfException {@code ENODEV} or {@code EINVAL} if the device is gone, {@code EACCES} if
   *     the kernel refuses the program
   */
  ByteBuffer trace(String program, PacketBatch packet);

  @Override
  void close();

  /** A counter and its value; the name without {@code COUNTER_}, in lower case. */
  record Counter(String name, long value) {}
}
