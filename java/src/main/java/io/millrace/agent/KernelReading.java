// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import io.millrace.bpf.Dataplane.Counter;
import io.millrace.bpf.DropCount;
import io.millrace.bpf.abi.SvcFlag;
import io.millrace.compile.PortProgram;
import io.millrace.compile.ServiceProgram;
import io.millrace.compile.Target;
import java.util.Collection;
import java.util.List;

/**
 * What a scrape asks of the control thread.
 *
 * @param noLocal ServicePorts that drop, because their traffic policy is Local and only other nodes
 *     have endpoints
 */
record KernelReading(List<DropCount> drops, List<Counter> counters, List<NoLocal> noLocal) {
  static final KernelReading NONE = new KernelReading(List.of(), List.of(), List.of());

  /**
   * @param policy "internal" or "external"
   * @param family "IPv4" or "IPv6"
   */
  record NoLocal(String policy, String family, long ports) {}

  /** On the control thread. */
  static KernelReading take(KernelEngine engine) {
    return new KernelReading(
        engine.dataplane().drops(),
        engine.dataplane().counters(),
        noLocal(engine.compiler().programs().values()));
  }

  static List<NoLocal> noLocal(Collection<ServiceProgram> programs) {
    long[] counts = new long[4];
    for (ServiceProgram program : programs) {
      for (PortProgram port : program.ports()) {
        int flags =
            port.rules().stream().mapToInt(PortProgram.Rule::flags).reduce(0, (a, b) -> a | b);
        count(counts, 0, (flags & SvcFlag.SVC_LOCAL) != 0, port);
        count(counts, 2, (flags & SvcFlag.SVC_LOCAL_EXTERNAL) != 0, port);
      }
    }
    return List.of(
        new NoLocal("internal", "IPv4", counts[0]),
        new NoLocal("internal", "IPv6", counts[1]),
        new NoLocal("external", "IPv4", counts[2]),
        new NoLocal("external", "IPv6", counts[3]));
  }

  private static void count(long[] counts, int at, boolean local, PortProgram port) {
    if (local) {
      counts[at] += elsewhere(port.targets4()) ? 1 : 0;
      counts[at + 1] += elsewhere(port.targets6()) ? 1 : 0;
    }
  }

  private static boolean elsewhere(List<Target> targets) {
    boolean any = false;
    for (Target target : targets) {
      if (target.has(Target.LOCAL)) {
        return false;
      }
      any |= target.has(Target.ALL);
    }
    return any;
  }
}
