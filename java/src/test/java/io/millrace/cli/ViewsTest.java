// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.admin.proto.AdoptedFlows;
import io.millrace.admin.proto.ControlLoop;
import io.millrace.admin.proto.Counter;
import io.millrace.admin.proto.Device;
import io.millrace.admin.proto.Drift;
import io.millrace.admin.proto.Drop;
import io.millrace.admin.proto.Drops;
import io.millrace.admin.proto.Endpoint;
import io.millrace.admin.proto.Features;
import io.millrace.admin.proto.Flow;
import io.millrace.admin.proto.FlowCollection;
import io.millrace.admin.proto.Problem;
import io.millrace.admin.proto.Service;
import io.millrace.admin.proto.ServicePort;
import io.millrace.admin.proto.Serving;
import io.millrace.admin.proto.Source;
import io.millrace.admin.proto.Status;
import io.millrace.admin.proto.Trace;
import io.millrace.admin.proto.TraceCandidate;
import io.millrace.admin.proto.TraceHook;
import io.millrace.admin.proto.TraceVerdict;
import io.millrace.admin.proto.TracedPacket;
import io.millrace.admin.proto.TracedService;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What people and scripts read, letter by letter. */
class ViewsTest {
  private static final Status SYNCED =
      Status.newBuilder()
          .setState(Status.State.SYNCED)
          .setSyncedAfterMs(850)
          .setNode("n1")
          .setVersion("0.1.0")
          .setAbiHash("0123456789abcdef")
          .setPid(4711)
          .setUptimeMs(125_000)
          .setRssBytes(97L << 20)
          .setFeatures(
              Features.newBuilder()
                  .setKernel("6.12.1")
                  .setTcx(true)
                  .setXdp("native")
                  .setSocketLb("off")
                  .setHostRouting("bpf"))
          .addSources(
              Source.newBuilder().setName("manifests").setSynced(true).setDetail("/etc/millrace"))
          .addDevices(
              Device.newBuilder()
                  .setName("eth0")
                  .setIfindex(2)
                  .setRole("uplink")
                  .setAttached(true)
                  .setTc("tcx")
                  .setXdp("native")
                  .addPrograms("uplink_in4")
                  .addPrograms("uplink_out4"))
          .addDevices(
              Device.newBuilder()
                  .setName("eth1")
                  .setIfindex(3)
                  .setRole("uplink")
                  .setAttached(true)
                  .setTc("tcx")
                  .setXdp("off: its driver has no native XDP"))
          .addDevices(
              Device.newBuilder()
                  .setName("veth1")
                  .setIfindex(7)
                  .setRole("pod")
                  .setTc("tcx")
                  .setError("ENODEV"))
          .addTables(
              io.millrace.admin.proto.Table.newBuilder()
                  .setName("svcs4")
                  .setEntries(1234)
                  .setMaxEntries(262_144)
                  .setWrites(5)
                  .setPending(1))
          .setEntriesWritten(6)
          .setServing(Serving.SERVES)
          .setAdopted(AdoptedFlows.newBuilder().setTcp(2).setUdp(1))
          .setDrift(Drift.newBuilder().setChecks(2).setRepaired(1).setLastCheckUnixMs(1_000))
          .setFlowCollection(
              FlowCollection.newBuilder()
                  .setRuns(3)
                  .setLive(40)
                  .setExpired(5)
                  .setOrphans(1)
                  .setDurationUs(900))
          .setControlLoop(
              ControlLoop.newBuilder()
                  .setRounds(9)
                  .setLastLatencyUs(1500)
                  .setLastCompileUs(300)
                  .setLastApplyUs(1000))
          .addProblems(
              Problem.newBuilder()
                  .setSource("manifests")
                  .setFile("web.yaml")
                  .setDocument(2)
                  .setObject("Service default/web")
                  .setField("spec.ports[0].port")
                  .setReason("0 is no port"))
          .build();

  @Test
  void statusAsText() {
    assertThat(text(out -> StatusView.print(SYNCED, out)))
        .isEqualTo(
            """
            state:    synced (after 850 ms)
            node:     n1
            agent:    0.1.0, abi 0123456789abcdef, pid 4711, up 2 min 5 s, 97 MiB resident
            serving:  yes; 3 connections of before are still translated by somebody else
            kernel:   6.12.1, attach: tcx, xdp: native, socket-lb: off, host-routing: bpf
            writes:   6 map entries written since start
            loop:     9 rounds, last: 1,500 us from change to kernel (compile 300, apply 1,000), 0 failures

            SOURCE     STATE   FOLLOWS
            manifests  synced  /etc/millrace

            DEVICE  IFINDEX  ROLE    TC   STATE                 PROGRAMS                XDP
            eth0    2        uplink  tcx  attached              uplink_in4 uplink_out4  native
            eth1    3        uplink  tcx  attached              -                       off: its driver has no native XDP
            veth1   7        pod     tcx  not attached: ENODEV  -                       -

            TABLE  ENTRIES  MAX      USED  WRITES  PENDING
            svcs4  1,234    262,144  0 %   5       1

            drift:    1 repaired in 2 checks, last 1970-01-01T00:00:01Z
            flows:    40 live, 5 expired, 1 orphans, in 3 collections; last took 900 us
            problems: 1
              manifests, web.yaml document 2, Service default/web, spec.ports[0].port: 0 is no port
            """);
  }

  @Test
  void statusOfFlowTables() {
    Status status =
        Status.newBuilder()
            .addTables(
                io.millrace.admin.proto.Table.newBuilder()
                    .setName("flows4")
                    .setEntries(800)
                    .setMaxEntries(1000)
                    .setPressure(true))
            .setFlowCollection(FlowCollection.newBuilder().setLastFailure("gc4: EPERM"))
            .build();
    assertThat(text(out -> StatusView.print(status, out)))
        .contains("flows4  800      1,000  80 %, pressure  0       0\n")
        .contains("last took 0 us, now failing: gc4: EPERM\n");
  }

  @Test
  void statusOfAnAgentThatWaits() {
    Status waiting =
        Status.newBuilder()
            .setState(Status.State.WAITING)
            .addWaitingFor("manifests")
            .addWaitingFor("node")
            .build();
    assertThat(text(out -> StatusView.print(waiting, out)))
        .startsWith("state:    waiting for manifests, node\n")
        .contains("writes:   0 map entries written since start\n")
        .contains("no devices: neither an uplink nor a pod interface was found\n")
        .contains("drift:    0 repaired in 0 checks\n")
        .endsWith("problems: none\n");
  }

  @Test
  void jsonHasEveryFieldAndNumbersAsNumbers() {
    Drops drops =
        Drops.newBuilder()
            .addDrops(Drop.newBuilder().setReason("no_flow").setPackets(3).setBytes(180))
            .build();
    assertThat(text(out -> JsonOutput.print(drops, out)))
        .isEqualTo(
            """
            {
              "drops" : [ {
                "reason" : "no_flow",
                "packets" : 3,
                "bytes" : 180
              } ],
              "counters" : [ ]
            }
            """);
    assertThat(text(out -> JsonOutput.print(SYNCED, out)))
        .contains("\"state\" : \"SYNCED\"")
        .contains("\"entries_written\" : 6");
  }

  @Test
  void dropsLeaveOutZerosUnlessAsked() {
    Drops drops =
        Drops.newBuilder()
            .addDrops(Drop.newBuilder().setReason("fragment"))
            .addDrops(Drop.newBuilder().setReason("no_flow").setPackets(3000).setBytes(180_000))
            .addCounters(Counter.newBuilder().setName("translated").setValue(12))
            .build();
    assertThat(text(out -> DropsView.print(drops, false, out)))
        .isEqualTo(
            """
            REASON   PACKETS  BYTES
            no_flow  3,000    180,000

            COUNTER     VALUE
            translated  12
            """);
    assertThat(text(out -> DropsView.print(drops, true, out))).contains("fragment  0        0\n");
    assertThat(text(out -> DropsView.print(Drops.getDefaultInstance(), false, out)))
        .isEqualTo("no packets dropped\n\nno counter has moved\n");
  }

  private static final Service WEB =
      Service.newBuilder()
          .setNamespace("default")
          .setName("web")
          .setType("NodePort")
          .setInternalTrafficPolicy("Cluster")
          .setExternalTrafficPolicy("Local")
          .addPorts(
              ServicePort.newBuilder()
                  .setName("http")
                  .setProtocol("TCP")
                  .setPort(80)
                  .setNodePort(30080)
                  .addFrontends("10.96.0.10:80")
                  .addFrontends("[fd00::10]:80")
                  .setEndpointsInUse(2)
                  .setEndpointsLocal(1)
                  .addEndpoints(
                      Endpoint.newBuilder()
                          .setAddress("10.1.0.5")
                          .setPort(8080)
                          .setLocal(true)
                          .setInUse(true)
                          .setBackendId(3))
                  .addEndpoints(Endpoint.newBuilder().setAddress("fd01::5").setPort(8080)))
          .build();

  @Test
  void servicesAsTable() {
    assertThat(text(out -> ServicesView.print(List.of(WEB), false, out)))
        .isEqualTo(
            """
            NAMESPACE  NAME  TYPE      PORT                           FRONTENDS         ENDPOINTS  LOCAL
            default    web   NodePort  80/TCP (node port 30080) http  10.96.0.10:80 +1  2          1
            """);
    assertThat(text(out -> ServicesView.print(List.of(), false, out))).isEqualTo("no services\n");
  }

  @Test
  void oneServiceInFull() {
    assertThat(text(out -> ServicesView.print(List.of(WEB), true, out)))
        .isEqualTo(
            """
            default/web  NodePort, internal traffic: Cluster, external traffic: Local

            port 80/TCP (node port 30080) http
              10.96.0.10:80
              [fd00::10]:80
              ENDPOINT        LOCAL  NEW FLOWS  BACKEND
              10.1.0.5:8080   yes    yes        3
              [fd01::5]:8080  no     no         -

            """);
  }

  @Test
  void flowsAsTableAndAsJson() {
    Flow flow =
        Flow.newBuilder()
            .setProtocol("tcp")
            .setSource("fd01::5")
            .setSourcePort(4000)
            .setDestination("fd00::10")
            .setDestinationPort(80)
            .setTranslatedSource("fd01::5")
            .setTranslatedSourcePort(4000)
            .setTranslatedDestination("fd01::6")
            .setTranslatedDestinationPort(8080)
            .setState("established")
            .setService("default/web:http")
            .setIdleS(3)
            .build();
    assertThat(text(out -> FlowsView.print(List.of(flow), true, out)))
        .isEqualTo(
            """
            PROTOCOL  SOURCE          DESTINATION    LEAVES AS       TO              STATE        IDLE  SERVICE           FLAGS
            tcp       [fd01::5]:4000  [fd00::10]:80  [fd01::5]:4000  [fd01::6]:8080  established  3 s   default/web:http  -
            the first 1 only: narrow it down, or raise --limit
            """);
    assertThat(text(out -> FlowsView.printJson(List.of(flow), false, out)))
        .startsWith("{\n  \"flows\" : [ {\n    \"protocol\" : \"tcp\",\n")
        .endsWith("\"idle_s\" : 3\n  } ],\n  \"more\" : false\n}\n");
    assertThat(text(out -> FlowsView.print(List.of(), false, out))).isEqualTo("no flows\n");
  }

  @Test
  void aTraceStepByStep() {
    TracedPacket packet =
        TracedPacket.newBuilder()
            .setProtocol("tcp")
            .setSource("10.1.0.4")
            .setSourcePort(4000)
            .setDestination("10.96.0.10")
            .setDestinationPort(80)
            .build();
    Trace.Builder trace =
        Trace.newBuilder()
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
    assertThat(text(out -> TraceView.print(trace.build(), out)))
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
    trace
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
                .addPolicies("default/web"));
    assertThat(text(out -> TraceView.print(trace.build(), out)))
        .endsWith(
            """
            service   none
            ingress   denied: no rule matches (default/web), of default/web-1
            ends      dropped: policy_ingress
            advice    let it in
            """);
  }

  private interface Printer {
    void print(PrintStream out) throws IOException;
  }

  private static String text(Printer printer) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintStream out = new PrintStream(bytes, false, StandardCharsets.UTF_8)) {
      printer.print(out);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
