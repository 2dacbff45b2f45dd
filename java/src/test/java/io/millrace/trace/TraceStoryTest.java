// SPDX-License-Identifier: Apache-2.0
package io.millrace.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.millrace.admin.AdminException;
import io.millrace.admin.proto.Trace;
import io.millrace.admin.proto.TraceCandidate;
import io.millrace.admin.proto.TraceRequest;
import io.millrace.admin.proto.TraceVerdict;
import io.millrace.bpf.abi.Abi;
import io.millrace.bpf.abi.DropReason;
import io.millrace.bpf.abi.EventKind;
import io.millrace.bpf.abi.FlowFlag;
import io.millrace.bpf.abi.FlowState;
import io.millrace.bpf.abi.Slots;
import io.millrace.bpf.abi.Svc;
import io.millrace.bpf.abi.TraceStep;
import io.millrace.bpf.abi.TraceWay;
import io.millrace.compile.policy.Bits;
import io.millrace.compile.policy.PolicySet;
import io.millrace.compile.policy.PolicyTables;
import io.millrace.compile.policy.PortClasses;
import io.millrace.compile.policy.RuleOrigin;
import io.millrace.compile.policy.Subject;
import io.millrace.model.Ip;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.pcollections.HashTreePMap;

/** From what the kernel tells to what people read. */
final class TraceStoryTest {
  private static final int EGRESS_OFFSET = io.millrace.bpf.abi.Trace.EGRESS_OFFSET;
  private static final int INGRESS_OFFSET = io.millrace.bpf.abi.Trace.INGRESS_OFFSET;
  private static final int NO_RULE = Abi.EVENT_NO_RULE;

  private final SmallWorld world = new SmallWorld();
  private final List<String> asked = new ArrayList<>();

  private Trace tell(String from, String to, Consumer<ByteBuffer> kernel) throws AdminException {
    TraceRequest request =
        TraceRequest.newBuilder().setFrom(from).setTo(to).setPort(80).setSourcePort(4000).build();
    TracePlan plan = new TracePlanner(world, new Random(1)).plan(request);
    List<TracePlan.Met> met =
        plan.run(
            (program, packet) -> {
              asked.add(program);
              ByteBuffer trace =
                  ByteBuffer.allocateDirect(io.millrace.bpf.abi.Trace.SIZE)
                      .order(ByteOrder.nativeOrder());
              leaves(trace, "10.1.1.1", 4000, "10.1.1.2", 8080);
              kernel.accept(trace);
              return trace;
            });
    return TraceStory.tell(world, met);
  }

  private static void leaves(
      ByteBuffer trace, String source, int sourcePort, String destination, int port) {
    io.millrace.bpf.abi.Trace.saddr(trace, 0, mapped(source));
    io.millrace.bpf.abi.Trace.daddr(trace, 0, mapped(destination));
    io.millrace.bpf.abi.Trace.sport(trace, 0, sourcePort);
    io.millrace.bpf.abi.Trace.dport(trace, 0, port);
  }

  private static byte[] mapped(String text) {
    Ip ip = Ip.parse(text);
    return ByteBuffer.allocate(16).putLong(ip.hi()).putLong(ip.lo()).array();
  }

  private static void steps(ByteBuffer trace, int steps, int way) {
    io.millrace.bpf.abi.Trace.steps(trace, 0, steps);
    io.millrace.bpf.abi.Trace.way(trace, 0, way);
  }

  private static void service(ByteBuffer trace, int backend) {
    int at = io.millrace.bpf.abi.Trace.SVC_OFFSET;
    Svc.id(trace, at, SmallWorld.WEB);
    Svc.affinityS(trace, at, 600);
    Slots.count(trace, at + Svc.ALL_OFFSET, 2);
    io.millrace.bpf.abi.Trace.backend(trace, 0, backend);
  }

  @Test
  void aServiceTellsItsCandidatesAndTheChosenOne() throws AdminException {
    Trace trace =
        tell(
            "default/a",
            "default/web",
            told -> {
              steps(
                  told,
                  TraceStep.TRACE_SERVICE | TraceStep.TRACE_BACKEND | TraceStep.TRACE_KEPT,
                  TraceWay.TRACE_POD);
              service(told, 1);
              io.millrace.bpf.abi.Trace.outIfindex(told, 0, SmallWorld.VETH_B);
            });
    assertThat(asked).containsExactly("trace_pod_in4");
    assertThat(trace.getHooks(0).getDevice()).isEqualTo("vetha");
    assertThat(trace.getService().getName()).isEqualTo("default/web:http");
    assertThat(trace.getService().getFrontend()).isEqualTo("10.96.0.1:80");
    assertThat(trace.getService().getAffinityS()).isEqualTo(600);
    assertThat(trace.getService().getCandidatesList())
        .extracting(TraceCandidate::getPod, TraceCandidate::getLocal, TraceCandidate::getChosenBy)
        .containsExactly(tuple("default/b", true, "affinity"), tuple("", false, ""));
    assertThat(trace.getOutcome()).isEqualTo(Trace.Outcome.DELIVERED);
    assertThat(trace.getLeaves().getDestination()).isEqualTo("10.1.1.2");
    assertThat(trace.getWay()).isEqualTo("pod");
    assertThat(trace.getDevice()).isEqualTo("vethb");
    assertThat(trace.hasFlow()).isFalse();
  }

  @Test
  void aBackendThatIsNotKnownAnyMoreIsToldByItsNumber() throws AdminException {
    Trace trace =
        tell(
            "default/a",
            "default/web",
            told -> {
              steps(told, TraceStep.TRACE_SERVICE | TraceStep.TRACE_BACKEND, TraceWay.TRACE_WIRE);
              service(told, 99);
            });
    assertThat(trace.getService().getCandidatesList()).hasSize(3);
    assertThat(trace.getService().getCandidates(2).getChosen()).isTrue();
    assertThat(trace.getService().getCandidates(2).getBackendId()).isEqualTo(99);
  }

  @Test
  void whatEndsHereHasAReasonAndAdvice() throws AdminException {
    Trace rejected =
        tell(
            "default/a",
            "default/web",
            told -> {
              steps(told, TraceStep.TRACE_SERVICE, TraceWay.TRACE_ENDS);
              io.millrace.bpf.abi.Trace.reason(told, 0, DropReason.DROP_NO_ENDPOINT);
            });
    assertThat(rejected.getOutcome()).isEqualTo(Trace.Outcome.REJECTED);
    assertThat(rejected.getReason()).isEqualTo("no_endpoint");
    assertThat(rejected.getAdvice()).contains("readiness");
    assertThat(rejected.hasLeaves()).isFalse();
    for (int reason = 1; reason < DropReason.DROP_REASON_MAX; reason++) {
      assertThat(Advice.of(reason)).isNotEmpty();
    }
  }

  @Test
  void aFlowThatIsThereIsNamed() throws AdminException {
    Trace trace =
        tell(
            "default/a",
            "default/web",
            told -> {
              steps(told, TraceStep.TRACE_FLOW | TraceStep.TRACE_BACKEND, TraceWay.TRACE_WIRE);
              service(told, 2);
              io.millrace.bpf.abi.Trace.state(told, 0, FlowState.FLOW_STATE_ESTABLISHED);
              io.millrace.bpf.abi.Trace.flags(told, 0, FlowFlag.FLOW_SNAT);
            });
    assertThat(trace.hasService()).isFalse();
    assertThat(trace.getFlow().getState()).isEqualTo("established");
    assertThat(trace.getFlow().getFlagsList()).containsExactly("snat");
    assertThat(trace.getFlow().getService()).isEqualTo("default/web:http");
    assertThat(trace.getFlow().getBackendId()).isEqualTo(2);
  }

  @Test
  void whatTheStackLeadsToAPodMeetsItsDeviceToo() throws AdminException {
    Trace trace = tell("198.51.100.7", "10.1.1.2", told -> steps(told, 0, TraceWay.TRACE_STACK));
    assertThat(asked).containsExactly("trace_uplink_in4", "trace_pod_out4");
    assertThat(trace.getHooksList()).hasSize(2);
    assertThat(trace.getHooks(1).getDevice()).isEqualTo("vethb");
  }

  private static final RuleOrigin TO_B = new RuleOrigin("default", "out", 1, "to pods x; TCP 8080");

  /** Set 3 lets rule 1 of default/out through, set 4 nothing. */
  private void isolate() {
    PolicySet out =
        new PolicySet(
            3,
            Bits.NONE,
            Bits.NONE,
            Bits.NONE,
            0,
            false,
            Map.of(),
            Map.of(),
            List.of(TO_B),
            List.of("default/out"));
    PolicySet closed =
        new PolicySet(
            4,
            Bits.NONE,
            Bits.NONE,
            Bits.NONE,
            0,
            false,
            Map.of(),
            Map.of(),
            List.of(),
            List.of("default/closed", "default/closed-too"));
    world.policies =
        new PolicyTables(
            1,
            true,
            Set.of(),
            Map.of(
                Ip.parse("10.1.1.1"), new Subject(0, 3), Ip.parse("10.1.1.2"), new Subject(4, 0)),
            HashTreePMap.empty(),
            Map.of(),
            PortClasses.NONE,
            Map.of(3L, out, 4L, closed),
            List.of());
  }

  private static void verdict(ByteBuffer trace, int at, long set, int rule, int kind) {
    io.millrace.bpf.abi.TraceVerdict.set(trace, at, set);
    io.millrace.bpf.abi.TraceVerdict.rule(trace, at, rule);
    io.millrace.bpf.abi.TraceVerdict.kind(trace, at, kind);
  }

  private Trace judged(int more, int ingressKind, int reason) throws AdminException {
    isolate();
    return tell(
        "default/a",
        "10.1.1.2",
        told -> {
          steps(
              told,
              TraceStep.TRACE_EGRESS | TraceStep.TRACE_INGRESS | more,
              reason == 0 ? TraceWay.TRACE_STACK : TraceWay.TRACE_ENDS);
          verdict(told, EGRESS_OFFSET, more == 0 ? 3 : 0, 0, EventKind.EVENT_ALLOWED);
          verdict(told, INGRESS_OFFSET, more == 0 ? 4 : 0, NO_RULE, ingressKind);
          io.millrace.bpf.abi.Trace.reason(told, 0, reason);
        });
  }

  @Test
  void verdictsNameTheirRuleAndPolicies() throws AdminException {
    Trace trace = judged(0, EventKind.EVENT_DENIED, DropReason.DROP_POLICY_INGRESS);
    assertThat(trace.getEgress())
        .isEqualTo(
            TraceVerdict.newBuilder()
                .setVerdict("allowed")
                .setPod("default/a")
                .setPolicy("default/out")
                .setRule(1)
                .setText("to pods x; TCP 8080")
                .addPolicies("default/out")
                .build());
    assertThat(trace.getIngress())
        .isEqualTo(
            TraceVerdict.newBuilder()
                .setVerdict("denied")
                .setPod("default/b")
                .setRule(-1)
                .setText("no rule matches")
                .addPolicies("default/closed")
                .addPolicies("default/closed-too")
                .build());
    assertThat(trace.getOutcome()).isEqualTo(Trace.Outcome.DROPPED);
    assertThat(trace.getReason()).isEqualTo("policy_ingress");
    assertThat(trace.getAdvice()).contains("ingress rule");
  }

  @Test
  void whatIsAuditedIsLetThroughAndSaid() throws AdminException {
    Trace trace = judged(0, EventKind.EVENT_AUDITED, 0);
    assertThat(trace.getIngress().getVerdict()).isEqualTo("audited");
    assertThat(trace.getIngress().getText()).contains("only audited");
    assertThat(trace.getOutcome()).isEqualTo(Trace.Outcome.DELIVERED);
  }

  @Test
  void whoIsNotAskedIsToldWhy() throws AdminException {
    Trace trace = judged(TraceStep.TRACE_OWN_NODE, EventKind.EVENT_ALLOWED, 0);
    assertThat(trace.getIngress().getText()).contains("its own node opens the connection");
    isolate();
    trace =
        tell(
            "default/a",
            "10.1.1.2",
            told -> {
              steps(told, TraceStep.TRACE_EGRESS | TraceStep.TRACE_INGRESS, TraceWay.TRACE_STACK);
              verdict(told, EGRESS_OFFSET, 0, NO_RULE, EventKind.EVENT_ALLOWED);
              verdict(told, INGRESS_OFFSET, 99, 0, EventKind.EVENT_ALLOWED);
            });
    assertThat(trace.getEgress().getText()).contains("no rule is needed");
    assertThat(trace.getIngress().getText()).contains("have just changed");
    world.policies = PolicyTables.EMPTY;
    trace =
        tell(
            "default/a",
            "10.1.1.2",
            told -> {
              steps(told, TraceStep.TRACE_EGRESS, TraceWay.TRACE_STACK);
              verdict(told, EGRESS_OFFSET, 0, NO_RULE, EventKind.EVENT_ALLOWED);
            });
    assertThat(trace.getEgress().getText())
        .isEqualTo("no policy isolates the pod in this direction");
    assertThat(trace.hasIngress()).isFalse();
  }

  @Test
  void aPortThatIsToBeChosenIsSaidToBe() throws AdminException {
    Trace trace =
        tell(
            "198.51.100.7",
            "192.0.2.1",
            told -> {
              steps(told, TraceStep.TRACE_PORT | TraceStep.TRACE_ROUTE, TraceWay.TRACE_WIRE);
              io.millrace.bpf.abi.Trace.sport(told, 0, 20345);
              io.millrace.bpf.abi.Trace.outIfindex(told, 0, SmallWorld.ETH0);
              io.millrace.bpf.abi.Trace.nextHop(told, 0, mapped("192.0.2.2"));
              io.millrace.bpf.abi.Trace.mac(told, 0, new byte[] {2, 0, 0, 0, 0, 1});
            });
    assertThat(trace.getSourcePortChosen()).isTrue();
    assertThat(trace.getLeaves().getSourcePort()).isEqualTo(20345);
    assertThat(trace.getNextHop()).isEqualTo("192.0.2.2");
    assertThat(trace.getNextHopMac()).isEqualTo("02:00:00:00:00:01");
    assertThat(trace.getDevice()).isEqualTo("eth0");
  }
}
