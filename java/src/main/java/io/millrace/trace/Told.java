// SPDX-License-Identifier: Apache-2.0
package io.millrace.trace;

import io.millrace.bpf.abi.Slots;
import io.millrace.bpf.abi.Svc;
import io.millrace.bpf.abi.Trace;
import io.millrace.bpf.abi.TraceVerdict;
import io.millrace.model.Ip;
import java.nio.ByteBuffer;

/**
 * A {@code struct trace} to read: what one program told.
 *
 * @param service what the frontend says; of no use without its step
 */
record Told(
    int steps,
    int way,
    int reason,
    int state,
    int flags,
    FrontendEntry service,
    Ip source,
    int sourcePort,
    Ip destination,
    int destinationPort,
    int backend,
    Verdict egress,
    Verdict ingress,
    int outIfindex,
    int route,
    Ip nextHop,
    String mac) {
  /** A {@code struct svc}. */
  record FrontendEntry(int id, int flags, int affinityS, int all, int local, int ranges) {}

  /** A {@code struct trace_verdict}. */
  record Verdict(long set, int rule, int kind) {}

  static Told of(ByteBuffer trace) {
    return new Told(
        Trace.steps(trace, 0),
        Trace.way(trace, 0),
        Trace.reason(trace, 0),
        Trace.state(trace, 0),
        Trace.flags(trace, 0),
        service(trace),
        Ip.ofBytes(Trace.saddr(trace, 0)),
        Trace.sport(trace, 0),
        Ip.ofBytes(Trace.daddr(trace, 0)),
        Trace.dport(trace, 0),
        Trace.backend(trace, 0),
        verdict(trace, Trace.EGRESS_OFFSET),
        verdict(trace, Trace.INGRESS_OFFSET),
        Trace.outIfindex(trace, 0),
        Trace.route(trace, 0),
        Ip.ofBytes(Trace.nextHop(trace, 0)),
        TraceNames.mac(Trace.mac(trace, 0)));
  }

  boolean has(int step) {
    return (steps & step) != 0;
  }

  private static FrontendEntry service(ByteBuffer trace) {
    int at = Trace.SVC_OFFSET;
    return new FrontendEntry(
        Svc.id(trace, at),
        Svc.flags(trace, at),
        Svc.affinityS(trace, at),
        Slots.count(trace, at + Svc.ALL_OFFSET),
        Slots.count(trace, at + Svc.LOCAL_OFFSET),
        Svc.ranges(trace, at));
  }

  private static Verdict verdict(ByteBuffer trace, int at) {
    return new Verdict(
        TraceVerdict.set(trace, at), TraceVerdict.rule(trace, at), TraceVerdict.kind(trace, at));
  }
}
