// SPDX-License-Identifier: Apache-2.0
package io.millrace.trace;

import io.millrace.admin.proto.Trace;
import io.millrace.admin.proto.TraceHook;
import io.millrace.admin.proto.TracedFlow;
import io.millrace.admin.proto.TracedPacket;
import io.millrace.bpf.abi.DropReason;
import io.millrace.bpf.abi.FlowFlag;
import io.millrace.bpf.abi.FlowState;
import io.millrace.bpf.abi.TraceStep;
import io.millrace.bpf.abi.TraceWay;
import io.millrace.compile.PortProgram;
import java.util.List;

/** From what the kernel told to what a person reads. */
public final class TraceStory {
  private final TraceWorld world;
  private final TracePlan plan;
  private final Trace.Builder out = Trace.newBuilder();

  private TraceStory(TraceWorld world, TracePlan plan) {
    this.world = world;
    this.plan = plan;
  }

  /**
   * The whole of it.
   *
   * @param met in order; at least one
   */
  public static Trace tell(TraceWorld world, List<TracePlan.Met> met) {
    TraceStory story = new TraceStory(world, met.get(0).plan());
    story.begin();
    for (TracePlan.Met one : met) {
      story.hook(one.plan(), Told.of(one.trace()));
    }
    return story.out.build();
  }

  private void begin() {
    MadePacket packet = plan.packet();
    out.setPacket(
            TracedPacket.newBuilder()
                .setProtocol(packet.protocolName())
                .setSource(packet.source().toString())
                .setSourcePort(packet.sourcePort())
                .setDestination(packet.destination().toString())
                .setDestinationPort(packet.destinationPort()))
        .setFrom(plan.from().name())
        .setTo(plan.to().name());
    if (plan.from().where() == Party.Where.POD
        && plan.to().where() == Party.Where.SERVICE
        && plan.packet().hasPorts()) {
      out.addNotes(
          "a pod's sockets may be led to a backend before there is a packet (--socket-lb);"
              + " its packets are then addressed to the backend");
    }
  }

  private void hook(TracePlan at, Told told) {
    out.addHooks(
        TraceHook.newBuilder().setProgram(at.program()).setDevice(deviceName(at.ifindex())));
    if (told.has(TraceStep.TRACE_SERVICE)) {
      out.setService(new ServiceStory(world, plan, told).tell());
    }
    if (told.has(TraceStep.TRACE_FLOW)) {
      flow(told);
    }
    policies(told);
    if (told.way() == TraceWay.TRACE_ENDS) {
      ends(told);
    } else {
      goesOn(told);
    }
  }

  private void flow(Told told) {
    PortProgram port = world.port(told.service().id());
    out.setFlow(
        TracedFlow.newBuilder()
            .setState(TraceNames.plain(FlowState.name(told.state()), "FLOW_STATE_"))
            .addAllFlags(TraceNames.flowFlags(told.flags()))
            .setService(port == null ? "" : TraceNames.port(port.key()))
            .setBackendId(Integer.toUnsignedLong(told.backend())));
  }

  private void policies(Told told) {
    PolicyStory policies = new PolicyStory(world, told);
    boolean egress = told.has(TraceStep.TRACE_EGRESS);
    boolean ingress = told.has(TraceStep.TRACE_INGRESS);
    if (egress) {
      out.setEgress(policies.egress(plan.packet().source()));
    }
    if (ingress) {
      out.setIngress(policies.ingress(told.destination()));
    }
    if (egress && !ingress && told.way() == TraceWay.TRACE_WIRE) {
      note("policies of the pod that it is for are asked on that pod's node");
    }
  }

  /** Once, however many hooks have it to say. */
  private void note(String text) {
    if (!out.getNotesList().contains(text)) {
      out.addNotes(text);
    }
  }

  private void ends(Told told) {
    boolean rejected = Advice.rejects(told.reason());
    out.setOutcome(rejected ? Trace.Outcome.REJECTED : Trace.Outcome.DROPPED)
        .setReason(TraceNames.plain(DropReason.name(told.reason()), "DROP_"))
        .setAdvice(Advice.of(told.reason()))
        .clearLeaves()
        .clearSourcePortChosen()
        .clearWay()
        .clearDevice()
        .clearNextHop()
        .clearNextHopMac();
  }

  private void goesOn(Told told) {
    out.setOutcome(Trace.Outcome.DELIVERED)
        .setLeaves(
            TracedPacket.newBuilder()
                .setProtocol(plan.packet().protocolName())
                .setSource(told.source().toString())
                .setSourcePort(told.sourcePort())
                .setDestination(told.destination().toString())
                .setDestinationPort(plan.packet().hasPorts() ? told.destinationPort() : 0))
        .setSourcePortChosen(told.has(TraceStep.TRACE_PORT))
        .setWay(way(told.way()))
        .setDevice(told.outIfindex() == 0 ? "" : deviceName(told.outIfindex()))
        .setNextHop(nextHop(told))
        .setNextHopMac(told.mac());
    if (told.has(TraceStep.TRACE_ROUTE)) {
      TraceRoutes.note(told).ifPresent(this::note);
    }
    if ((told.flags() & FlowFlag.FLOW_HAIRPIN) != 0) {
      note("the pod reaches itself: it sees this node as the client");
    }
    if ((told.flags() & FlowFlag.FLOW_ADOPTED) != 0) {
      note(
          "left to whoever else serves this node, who translates it: handed back, or begun before");
    }
  }

  private static String nextHop(Told told) {
    boolean known = told.has(TraceStep.TRACE_ROUTE) && TraceRoutes.hasNextHop(told);
    return known ? told.nextHop().toString() : "";
  }

  private static String way(int way) {
    return TraceNames.plain(TraceWay.name(way), "TRACE_");
  }

  private String deviceName(int ifindex) {
    String name = world.node().names().get(ifindex);
    if (name != null) {
      return name;
    }
    return world.image().host().links().stream()
        .filter(link -> link.ifindex() == ifindex)
        .map(link -> link.name())
        .findFirst()
        .orElse("device " + ifindex);
  }
}
