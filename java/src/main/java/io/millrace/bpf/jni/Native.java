// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf.jni;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The functions of {@code libmillrace_jni.so}, one to one. Handles are addresses; using a freed one
 * is undefined, so each is owned by exactly one object of {@code io.millrace.bpf}. Results are
 * values or {@code -errno}; buffers are direct, in native byte order, and used from index 0.
 */
public final class Native {
  private Native() {}

  /** The ABI hash that the library was built with. */
  public static native long abiHash();

  /** Takes what this thread's calls have logged since the last failure, as UTF-8. */
  public static native byte[] takeLog();

  /** Opens a dataplane; {@code options} holds a {@code wire_options}. A handle or -errno. */
  public static native long dataplaneOpen(String bpffs, String objects, ByteBuffer options);

  public static native void dataplaneFree(long dataplane);

  /** {@code enum wire_feature}. */
  public static native int dataplaneFeatures(long dataplane);

  /**
   * A map's handle, valid as long as the dataplane; {@code info} receives {@code wire_map_info}.
   */
  public static native long dataplaneMap(long dataplane, String name, ByteBuffer info);

  /** Whether there are maps of an earlier version. */
  public static native boolean dataplaneIsUpgrading(long dataplane);

  /** 1 if programs changed one after the other: the log says why. */
  public static native int dataplaneUpgrade(long dataplane);

  /** How many {@code wire_former} there are; as many as fit are written. */
  public static native int dataplaneFormers(long dataplane, ByteBuffer out);

  public static native int dataplaneAttach(long dataplane, int ifindex, int role);

  public static native int dataplaneDetach(long dataplane, int ifindex, int role);

  /** {@code use}: {@code enum wire_xdp_use}. */
  public static native int dataplaneAttachXdp(long dataplane, int ifindex, int use);

  public static native int dataplaneDetachXdp(long dataplane, int ifindex);

  /** What the kernel said to the XDP program, as UTF-8; null if it took it, or was not asked. */
  public static native byte @Nullable [] dataplaneXdpError(long dataplane);

  /** How many {@code wire_attachment} there are; as many as fit are written. */
  public static native int dataplaneAttachments(long dataplane, ByteBuffer out);

  /** How many links changed. */
  public static native int dataplaneAttachSockets(long dataplane, String cgroup);

  public static native int dataplaneDetachSockets(long dataplane);

  /** Why the programs for sockets are not loaded, as UTF-8; null if they are, or need not be. */
  public static native byte @Nullable [] dataplaneSocketsError(long dataplane);

  /** {@code args} holds a {@code gc_args}, in and out. */
  public static native int dataplaneGc(long dataplane, int family, ByteBuffer args);

  /** {@code room} receives a {@code struct room}. */
  public static native int dataplaneRoom(long dataplane, int family, ByteBuffer room);

  /** How many maps were pinned again. */
  public static native int dataplaneRepin(long dataplane);

  /** {@code index} is {@code enum serving}. */
  public static native int dataplaneServing(long dataplane, int index);

  public static native int dataplaneSetServing(long dataplane, int index, int value);

  /** {@code what} is {@code enum wire_adopt}; {@code adoption} receives a wire_adoption. */
  public static native int dataplaneAdopt(long dataplane, int what, ByteBuffer adoption);

  /** As dataplaneServing, of the maps pinned there, with or without an agent. */
  public static native int pinsServing(String bpffs, int index);

  public static native int pinsSetServing(String bpffs, int index, int value);

  /** {@code adoption} receives a wire_adoption. */
  public static native int pinsAdopt(String bpffs, ByteBuffer adoption);

  /** {@code what} is {@code enum wire_hand}; {@code result} receives a wire_handback. */
  public static native int pinsHandBack(String bpffs, int what, ByteBuffer result);

  /**
   * Runs a program over {@code count} {@code wire_packet}, in and out, whose frames lie in the
   * first {@code size} bytes of {@code frames}. How many were run.
   */
  public static native int dataplaneRun(
      long dataplane, String program, ByteBuffer packets, int count, ByteBuffer frames, int size);

  /** Asks about one {@code wire_packet}; {@code trace} receives a {@code struct trace}. */
  public static native int dataplaneTrace(
      long dataplane,
      String program,
      ByteBuffer packet,
      ByteBuffer frame,
      int size,
      ByteBuffer trace);

  public static native int dataplaneCleanup(String bpffs);

  public static native int arenaCapacity(long dataplane);

  public static native int arenaStore(long dataplane, int base, long[] values);

  public static native int arenaLoad(long dataplane, int base, long[] values);

  /** Entries applied in the lower half, positive errno in the upper. */
  public static native long mapUpdate(long map, ByteBuffer keys, ByteBuffer values, int count);

  /** Entries deleted or missing in the lower half, positive errno in the upper. */
  public static native long mapDelete(long map, ByteBuffer keys, int count);

  /** Adds up the {@code count} counters of one entry over all CPUs. */
  public static native int mapSumPercpu(long map, int index, ByteBuffer sums, int count);

  public static native long dumpOpen(long map);

  public static native void dumpFree(long dump);

  /** How many entries were written, 0 at the end. */
  public static native int dumpNext(
      long dump, long map, ByteBuffer keys, ByteBuffer values, int room);

  /** Takes what it needs from the dataplane; a handle of its own. */
  public static native long sockEndOpen(long dataplane);

  public static native void sockEndFree(long ender);

  /** How many sockets were ended; {@code walk} receives a {@code wire_netns_walk}. */
  public static native int sockEndRun(
      long ender, String folder, boolean v4, boolean v6, ByteBuffer walk);

  /** How many {@code wire_netns_address} there are; as many as fit are written. */
  public static native int netnsList(String folder, ByteBuffer walk, ByteBuffer addresses);

  /** Reads the ring buffer {@code events}; to be freed before the dataplane. A handle or -errno. */
  public static native long eventsOpen(long dataplane);

  public static native void eventsFree(long ring);

  /** How many {@code event} were written. */
  public static native int eventsPoll(long ring, int timeoutMs, ByteBuffer records);

  public static native long netmonOpen();

  public static native void netmonFree(long monitor);

  /** How many bytes of records were written. */
  public static native int netmonPoll(long monitor, int timeoutMs, ByteBuffer records);
}
