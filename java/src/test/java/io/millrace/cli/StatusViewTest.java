// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import static io.millrace.cli.Printed.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.admin.proto.AdoptedFlows;
import io.millrace.admin.proto.ControlLoop;
import io.millrace.admin.proto.Device;
import io.millrace.admin.proto.Drift;
import io.millrace.admin.proto.Drop;
import io.millrace.admin.proto.Drops;
import io.millrace.admin.proto.Features;
import io.millrace.admin.proto.FlowCollection;
import io.millrace.admin.proto.Problem;
import io.millrace.admin.proto.Serving;
import io.millrace.admin.proto.Source;
import io.millrace.admin.proto.Status;
import org.junit.jupiter.api.Test;

/** What {@code millrace status} prints, letter by letter. */
class StatusViewTest {
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
}
