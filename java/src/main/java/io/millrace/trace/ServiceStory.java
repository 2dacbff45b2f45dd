// SPDX-License-Identifier: Apache-2.0
package io.millrace.trace;

import io.millrace.admin.proto.TraceCandidate;
import io.millrace.admin.proto.TracedService;
import io.millrace.bpf.abi.TraceStep;
import io.millrace.compile.PortProgram;
import io.millrace.compile.Target;
import io.millrace.model.PodState;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The frontend that a packet is for, and who might get it. */
final class ServiceStory {
  private final TraceWorld world;
  private final TracePlan plan;
  private final Told told;

  ServiceStory(TraceWorld world, TracePlan plan, Told told) {
    this.world = world;
    this.plan = plan;
    this.told = told;
  }

  TracedService tell() {
    MadePacket packet = plan.packet();
    PortProgram port = world.port(told.service().id());
    Target frontend = new Target(packet.destination(), packet.destinationPort(), 0);
    TracedService.Builder service =
        TracedService.newBuilder()
            .setName(port == null ? "" : TraceNames.port(port.key()))
            .setFrontend(frontend.toString())
            .setTrafficPolicy(asksLocal() ? "Local" : "Cluster")
            .setChoice(told.has(TraceStep.TRACE_RING) ? "maglev" : "random")
            .setAffinityS(told.service().affinityS())
            .setSourceRanges(told.service().ranges() != 0);
    if (port != null) {
      candidates(port, service);
    }
    return service.build();
  }

  private boolean asksLocal() {
    return told.has(TraceStep.TRACE_LOCAL_SET);
  }

  private void candidates(PortProgram port, TracedService.Builder service) {
    List<Target> targets = plan.packet().source().isV4() ? port.targets4() : port.targets6();
    Map<Target, Integer> ids = world.backendIds(port.key());
    boolean found = false;
    for (Target target : targets) {
      int id = ids.getOrDefault(target, 0);
      boolean chosen = told.has(TraceStep.TRACE_BACKEND) && id != 0 && id == told.backend();
      found |= chosen;
      service.addCandidates(candidate(target, id, chosen));
    }
    if (told.has(TraceStep.TRACE_BACKEND) && !found) {
      // Removed a moment ago: the tables still lead there.
      service.addCandidates(candidate(null, told.backend(), true));
    }
  }

  private TraceCandidate candidate(@Nullable Target target, int id, boolean chosen) {
    TraceCandidate.Builder candidate =
        TraceCandidate.newBuilder()
            .setBackendId(Integer.toUnsignedLong(id))
            .setChosen(chosen)
            .setChosenBy(chosen ? chosenBy() : "");
    if (target != null) {
      PodState pod = TraceNames.podOf(world.image(), target.ip());
      candidate
          .setAddress(target.ip().toString())
          .setPort(target.port())
          .setPod(pod == null ? "" : pod.namespace() + "/" + pod.name())
          .setLocal(target.has(Target.HERE))
          .setCandidate(target.has(asksLocal() ? Target.LOCAL : Target.ALL));
    }
    return candidate.build();
  }

  private String chosenBy() {
    if (told.has(TraceStep.TRACE_KEPT)) {
      return "affinity";
    }
    return told.has(TraceStep.TRACE_RING) ? "maglev" : "random";
  }
}
