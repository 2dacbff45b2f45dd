// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import static io.millrace.cli.Printed.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.admin.proto.Trace;
import io.millrace.admin.proto.TraceCandidate;
import io.millrace.admin.proto.TraceHook;
import io.millrace.admin.proto.TraceVerdict;
import io.millrace.admin.proto.TracedPacket;
import io.millrace.admin.proto.TracedService;
import org.junit.jupiter.api.Test;

/** What {@code millrace trace} prints, letter by letter. */
class TraceViewTest {
  /** From a pod to a service of this node, allowed. */
  private static Trace.Builder delivered() {
    TracedPacket packet =
        TracedPacket.newBuilder()
            .setProtocol("tcp")
            .setSource("10.1.0.4")
            .setSourcePort(4000)
            .setDestination("10.96.0.10")
            .setDestinationPort(80)
            .build();
    return Trace.newBuilder()
        .setPacket(packet)
        .setFrom("pod default/client")
        .setTo("service default/web")
        .addHooks(TraceHook.newBuilder().setProgram("pod_in4").setDevice("veth1"))
        .setService(
            TracedService.newBuilder()
                .setName("default/web:http")
                .setFrontend("10.96.0.10:80")
                .setTrafficPolicy("Cluster")
                .setChoice("random")
                .addCandidates(
                    TraceCandidate.newBuilder()
                        .setAddress("10.1.0.5")
                        .setPort(8080)
                        .setPod("default/web-1")
                        .setLocal(true)
                        .setCandidate(true)
                        .setChosen(true)
                        .setChosenBy("random")))
        .setEgress(
            TraceVerdict.newBuilder()
                .setVerdict("allowed")
                .setPod("default/client")
                .setPolicy("default/out")
                .setRule(1)
                .setText("to pods app=web; TCP 8080"))
        .setLeaves(packet.toBuilder().setDestination("10.1.0.5").setDestinationPort(8080))
        .setOutcome(Trace.Outcome.DELIVERED)
        .setWay("pod")
        .setDevice("veth2")
        .addNotes("so it is");
  }

  @Test
  void aTraceStepByStep() {
    assertThat(text(out -> TraceView.print(delivered().build(), out)))
        .isEqualTo(
            """
            packet    tcp 10.1.0.4:4000 -> 10.96.0.10:80
            from      pod default/client
            to        service default/web
            meets     pod_in4 on veth1
            flow      none yet: this packet would open one
            service   default/web:http at 10.96.0.10:80, traffic policy Cluster, choice random
              ENDPOINT       POD            HERE  CANDIDATE  CHOSEN
              10.1.0.5:8080  default/web-1  yes   yes        this time, by random
            egress    allowed by default/out rule 1: to pods app=web; TCP 8080, of default/client
            leaves    tcp 10.1.0.4:4000 -> 10.1.0.5:8080
            way       straight into the pod by veth2
            note      so it is
            """);
  }

  @Test
  void aTraceThatEndsHere() {
    Trace dropped =
        delivered()
            .clearLeaves()
            .clearService()
            .clearEgress()
            .clearNotes()
            .setOutcome(Trace.Outcome.DROPPED)
            .setReason("policy_ingress")
            .setAdvice("let it in")
            .setIngress(
                TraceVerdict.newBuilder()
                    .setVerdict("denied")
                    .setPod("default/web-1")
                    .setRule(-1)
                    .setText("no rule matches")
                    .addPolicies("default/web"))
            .build();
    assertThat(text(out -> TraceView.print(dropped, out)))
        .endsWith(
            """
            service   none
            ingress   denied: no rule matches (default/web), of default/web-1
            ends      dropped: policy_ingress
            advice    let it in
            """);
  }
}
