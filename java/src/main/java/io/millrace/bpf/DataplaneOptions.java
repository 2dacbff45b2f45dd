// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

import java.nio.file.Path;

/**
 * How a dataplane is opened.
 *
 * @param bpffs folder of the pins; made if missing, and a bpffs is mounted there if it is on none
 * @param objects folder of the BPF objects, usually {@link NativeLibrary#objects()}
 * @param sizes sizes of maps that do not exist yet
 * @param snatPortMin first source port for translated clients, 1…65535
 * @param snatPortMax last one, inclusive
 * @param rejectRate ICMP answers per second and CPU to connections that nobody serves
 * @param tcx whether tcx links may be used where the kernel has them
 * @param xdp whether the XDP program is loaded
 * @param sockets whether the programs for sockets are loaded
 * @param direct whether established flows between pods pass the host's stack by
 */
public record DataplaneOptions(
    Path bpffs,
    Path objects,
    MapSizes sizes,
    int snatPortMin,
    int snatPortMax,
    int rejectRate,
    boolean tcx,
    boolean xdp,
    boolean sockets,
    boolean direct) {
  public DataplaneOptions {
    if (!bpffs.isAbsolute()) {
      throw new IllegalArgumentException("the bpffs folder must be an absolute path: " + bpffs);
    }
    if (snatPortMin < 1 || snatPortMax > 0xffff || snatPortMin > snatPortMax) {
      throw new IllegalArgumentException(
          "source ports must be a range within 1-65535: " + snatPortMin + "-" + snatPortMax);
    }
    if (rejectRate < 0) {
      throw new IllegalArgumentException("the reject rate must not be negative: " + rejectRate);
    }
  }

  /** The defaults, with the objects of this distribution. */
  public static DataplaneOptions defaults(Path bpffs) {
    return new DataplaneOptions(
        bpffs,
        NativeLibrary.objects(),
        MapSizes.DEFAULT,
        20_000,
        29_999,
        1000,
        true,
        true,
        true,
        true);
  }

  public DataplaneOptions withSizes(MapSizes newSizes) {
    return new DataplaneOptions(
        bpffs, objects, newSizes, snatPortMin, snatPortMax, rejectRate, tcx, xdp, sockets, direct);
  }

  /** Attaches clsact filters even where the kernel has tcx links. */
  public DataplaneOptions withoutTcx() {
    return new DataplaneOptions(
        bpffs, objects, sizes, snatPortMin, snatPortMax, rejectRate, false, xdp, sockets, direct);
  }

  /** Has nothing to do with XDP but to take off what an earlier run attached. */
  public DataplaneOptions withoutXdp() {
    return new DataplaneOptions(
        bpffs, objects, sizes, snatPortMin, snatPortMax, rejectRate, tcx, false, sockets, direct);
  }
}
