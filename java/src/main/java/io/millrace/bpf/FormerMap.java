// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

import io.millrace.bpf.abi.WireFormer;
import io.millrace.bpf.abi.WireFormerFate;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * A map of an earlier version that was found.
 *
 * @param map the name, for example {@code flows4}
 * @param from the version found
 * @param to that of this build
 * @param carried entries that were carried over
 * @param dropped entries that were not
 */
public record FormerMap(String map, int from, int to, Fate fate, long carried, long dropped) {
  /** What becomes of its entries. */
  public enum Fate {
    /** They are carried over. */
    CARRIED,
    /** The agent, who has written them, writes all of them again. */
    REWRITTEN,
    /** Only the kernel has them, and nothing leads to the layout of today. */
    LOST,
    /** Statistics, and what is of use for a moment: it begins anew. */
    ANEW
  }

  /**
   * Asks for all; {@code ask} writes those for which there is room, and says how many there are.
   */
  static List<FormerMap> list(ToIntFunction<ByteBuffer> ask) {
    ByteBuffer found = Calls.direct(WireFormer.SIZE);
    int n = ask.applyAsInt(found);
    if (n > 1) {
      found = Calls.direct(n * WireFormer.SIZE);
      n = ask.applyAsInt(found);
    }
    List<FormerMap> all = new ArrayList<>(n);
    for (int i = 0; i < n; i++) {
      all.add(read(found, i * WireFormer.SIZE));
    }
    return all;
  }

  private static FormerMap read(ByteBuffer wire, int at) {
    return new FormerMap(
        new String(WireFormer.name(wire, at), StandardCharsets.US_ASCII).trim(),
        WireFormer.from(wire, at),
        WireFormer.to(wire, at),
        fate(WireFormer.fate(wire, at)),
        WireFormer.carried(wire, at),
        WireFormer.dropped(wire, at));
  }

  private static Fate fate(int wire) {
    return switch (wire) {
      case WireFormerFate.WIRE_FORMER_CARRIED -> Fate.CARRIED;
      case WireFormerFate.WIRE_FORMER_REWRITTEN -> Fate.REWRITTEN;
      case WireFormerFate.WIRE_FORMER_LOST -> Fate.LOST;
      default -> Fate.ANEW;
    };
  }
}
