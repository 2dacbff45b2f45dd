// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

import io.millrace.bpf.abi.DropReason;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What the programs have counted, over all processors. */
final class KernelStatistics {
  private final KernelMap counters;
  private final KernelMap drops;

  KernelStatistics(Handle handle) {
    counters = KernelMap.of(handle, "counters");
    drops = KernelMap.of(handle, "drops");
  }

  List<Dataplane.Counter> counters() {
    ByteBuffer sum = Calls.direct(Long.BYTES);
    List<Dataplane.Counter> list = new ArrayList<>(io.millrace.bpf.abi.Counter.COUNTER_MAX);
    for (int i = 0; i < io.millrace.bpf.abi.Counter.COUNTER_MAX; i++) {
      counters.sumPerCpu(i, sum);
      String name = plainName(io.millrace.bpf.abi.Counter.name(i), "COUNTER_");
      list.add(new Dataplane.Counter(name, sum.getLong(0)));
    }
    return list;
  }

  List<DropCount> drops() {
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

  private static String plainName(String name, String prefix) {
    return name.substring(prefix.length()).toLowerCase(Locale.ROOT);
  }
}
