// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.bpf.abi.Counter;
import io.millrace.bpf.abi.DropReason;
import io.millrace.bpf.abi.Svc;
import io.millrace.bpf.abi.Svc4Key;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The whole edge with the real objects: Java, JNI, library, kernel. Needs root. */
@Tag("kernel")
final class KernelDataplaneTest {
  private static final MapSizes SMALL =
      new MapSizes(1024, 1024, 64, 64, 4096, 64, 64, 64, 64, 16, 64, 128, policies(128));

  private static PolicySizes policies(int peers) {
    return new PolicySizes(64, peers, 64, 512, 64);
  }

  private static final int TC_ACT_UNSPEC = -1;

  private Path bpffs = Path.of("/");

  @BeforeEach
  void makeFolder() throws IOException {
    bpffs = Files.createTempDirectory("millrace-edge").resolve("pins");
  }

  @AfterEach
  void removeFolder() throws IOException {
    KernelDataplane.cleanup(bpffs);
    assertThat(bpffs).doesNotExist();
    Files.delete(bpffs.getParent());
  }

  @Test
  void entriesAreWrittenReadAndDeleted() {
    try (KernelDataplane dataplane = open()) {
      BpfMap svcs = dataplane.map(MapName.SVCS4);
      assertThat(svcs.name()).isEqualTo("svcs4");
      assertThat(svcs.keySize()).isEqualTo(Svc4Key.SIZE);
      assertThat(svcs.valueSize()).isEqualTo(Svc.SIZE);
      assertThat(svcs.maxEntries()).isEqualTo(64);

      ByteBuffer keys = Calls.direct(40 * Svc4Key.SIZE);
      assertThat(svcs.update(keys(keys, 0, 40), values(40), 40)).isEqualTo(new BatchResult(40, 0));
      assertThat(idsByPort(svcs)).hasSize(40).containsEntry(1000, 7).containsEntry(1039, 46);

      assertThat(svcs.delete(keys(keys, 30, 40), 40)).isEqualTo(new BatchResult(40, 0));
      assertThat(idsByPort(svcs)).hasSize(30).doesNotContainKey(1030);
    }
  }

  @Test
  void aFullMapSaysHowFarItCame() {
    try (KernelDataplane dataplane = open()) {
      BpfMap svcs = dataplane.map(MapName.SVCS4);
      ByteBuffer keys = keys(Calls.direct(100 * Svc4Key.SIZE), 0, 100);
      BatchResult result = svcs.update(keys, values(100), 100);
      assertThat(result).isEqualTo(new BatchResult(64, Errno.E2BIG));
      assertThat(result.ok()).isFalse();
    }
  }

  @Test
  void buffersThatAreTooSmallNeverReachTheKernel() {
    try (KernelDataplane dataplane = open()) {
      BpfMap svcs = dataplane.map(MapName.SVCS4);
      ByteBuffer keys = Calls.direct(Svc4Key.SIZE);
      assertThatThrownBy(() -> svcs.delete(keys, 2)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> svcs.delete(keys, -1)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> svcs.delete(ByteBuffer.allocate(64), 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("not direct");
    }
  }

  @Test
  void whatWasWrittenIsThereAfterARestart() {
    try (KernelDataplane dataplane = open()) {
      ByteBuffer keys = keys(Calls.direct(Svc4Key.SIZE), 0, 1);
      assertThat(dataplane.map(MapName.SVCS4).update(keys, values(1), 1).ok()).isTrue();
      dataplane.slots().write(100, new long[] {1, 2, 3L << 40});
    }
    try (KernelDataplane dataplane = open()) {
      assertThat(idsByPort(dataplane.map(MapName.SVCS4))).containsExactly(Map.entry(1000, 7));
      assertThat(dataplane.slots().read(99, 5)).containsExactly(0, 1, 2, 3L << 40, 0);
    }
  }

  @Test
  void aPinnedMapKeepsItsSizeAndThatIsSaid() {
    MapSizes asked =
        new MapSizes(2048, 1024, 64, 64, 8192, 64, 64, 64, 64, 16, 64, 128, policies(256));
    try (KernelDataplane dataplane = open()) {
      assertThat(SMALL.differences(dataplane.sizes())).isEmpty();
    }
    try (KernelDataplane dataplane = KernelDataplane.open(options().withSizes(asked))) {
      assertThat(dataplane.sizes()).isEqualTo(SMALL);
      assertThat(asked.differences(dataplane.sizes()))
          .satisfiesExactly(
              flows ->
                  assertThat(flows)
                      .startsWith("the map flows4 keeps the 1,024 entries")
                      .contains("not the 2,048 asked for")
                      .contains("millrace cleanup"),
              slots -> assertThat(slots).startsWith("the map slots keeps the 4,096 entries"),
              peers4 -> assertThat(peers4).startsWith("the map peers4 keeps the 128 entries"),
              peers6 -> assertThat(peers6).startsWith("the map peers6 keeps the 128 entries"));
    }
  }

  @Test
  void theArenaTakesLongRunsAndKeepsItsBounds() {
    try (KernelDataplane dataplane = open()) {
      SlotArena slots = dataplane.slots();
      long[] run = new long[3000];
      Arrays.setAll(run, i -> (i * 3L) << 32);
      slots.write(1096, run);
      assertThat(slots.capacity()).isEqualTo(4096);
      assertThat(slots.read(1096, 3000)).isEqualTo(run);
      assertThatThrownBy(() -> slots.write(1097, run))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> slots.read(-1, 1)).isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  void statisticsHaveNamesAndStartAtZero() {
    try (KernelDataplane dataplane = open()) {
      assertThat(dataplane.counters()).hasSize(Counter.COUNTER_MAX);
      assertThat(dataplane.counters().get(0)).isEqualTo(new Dataplane.Counter("translated", 0));
      assertThat(dataplane.drops()).hasSize(DropReason.DROP_REASON_MAX - 1);
      assertThat(dataplane.drops().get(0)).isEqualTo(new DropCount("malformed", 0, 0));
    }
  }

  @Test
  void collectingAnEmptyTableFindsNothing() {
    try (KernelDataplane dataplane = open()) {
      for (FlowTable table : FlowTable.values()) {
        assertThat(dataplane.gc(table, FlowTimeouts.DEFAULT)).isEqualTo(GcStats.NONE);
        FlowRoom room = dataplane.room(table);
        assertThat(room.left()).isBetween(1L, (long) dataplane.map(table.map()).maxEntries());
        assertThat(room.low()).isBetween(1L, room.left());
        assertThat(room.tight()).isFalse();
      }
    }
  }

  @Test
  void theWayOfAttachingIsTriedOrForbidden() {
    try (KernelDataplane dataplane = KernelDataplane.open(options().withoutTcx())) {
      assertThat(dataplane.features().tcx()).isFalse();
      assertThat(dataplane.features().kernel()).isEqualTo(System.getProperty("os.version"));
      assertThat(dataplane.attachments()).isEmpty();
    }
  }

  @Test
  void aMissingDeviceIsNamed() {
    try (KernelDataplane dataplane = open()) {
      assertThatThrownBy(() -> dataplane.attach(Integer.MAX_VALUE, Role.POD))
          .isInstanceOfSatisfying(
              BpfException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENODEV))
          .hasMessageContaining("attach the programs of role POD to ifindex 2147483647")
          .hasMessageContaining("ENODEV");
      dataplane.detach(Integer.MAX_VALUE, Role.POD);
      assertThat(dataplane.attachments()).isEmpty();
    }
  }

  @Test
  void aDeviceWithoutXdpIsAnOutcome() {
    try (KernelDataplane dataplane = open()) {
      assertThat(dataplane.xdpError()).isEmpty();
      XdpOutcome loopback = dataplane.attachXdp(1, Set.of());
      assertThat(loopback.stands()).isFalse();
      assertThat(loopback.errno()).isEqualTo(Errno.EOPNOTSUPP);
      assertThat(loopback.reason()).startsWith("its driver has no native XDP").doesNotContain("\n");
      assertThat(dataplane.attachXdp(Integer.MAX_VALUE, Set.of()).errno()).isEqualTo(Errno.ENODEV);
      dataplane.detachXdp(1);
      assertThat(dataplane.attachments()).isEmpty();
    }
  }

  @Test
  void packetsRunThroughALoadedProgramAndGoNowhere() {
    try (KernelDataplane dataplane = open()) {
      BpfMap flows = dataplane.map(MapName.FLOWS4);
      PacketBatch batch = new PacketBatch(3, 64);
      for (int port = 1; port <= 3; port++) {
        assertThat(batch.add(1, 0, udp(port))).isEqualTo(port - 1);
      }
      assertThat(batch.isFull()).isTrue();
      assertThatThrownBy(() -> batch.add(1, 0, udp(4))).isInstanceOf(IllegalStateException.class);

      dataplane.run("pod_in4", batch);
      assertThat(batch.action(0)).isEqualTo(TC_ACT_UNSPEC);
      assertThat(batch.action(2)).isEqualTo(TC_ACT_UNSPEC);
      assertThat(entries(flows)).as("both halves of each").isEqualTo(6);

      assertThatThrownBy(() -> dataplane.run("pod_in5", batch))
          .isInstanceOfSatisfying(
              BpfException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOENT))
          .hasMessageContaining("there is no tc program pod_in5");
      batch.clear();
      batch.add(Integer.MAX_VALUE, 0, udp(5));
      assertThatThrownBy(() -> dataplane.run("pod_in4", batch))
          .isInstanceOf(BpfException.class)
          .hasMessageContaining("packet 0 at device 2147483647");
    }
  }

  @Test
  void aMissingObjectIsNamed() {
    DataplaneOptions elsewhere =
        new DataplaneOptions(
            bpffs, Path.of("/nowhere"), SMALL, 20_000, 29_999, 1000, true, true, true, true);
    assertThatThrownBy(() -> KernelDataplane.open(elsewhere))
        .isInstanceOf(BpfException.class)
        .hasMessageContaining("/nowhere/pod_tc4.bpf.o");
  }

  @Test
  void afterClosingNothingIsTouched() {
    KernelDataplane dataplane = open();
    BpfMap svcs = dataplane.map(MapName.SVCS4);
    dataplane.close();
    dataplane.close();
    assertThatThrownBy(() -> svcs.delete(Calls.direct(Svc4Key.SIZE), 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("is closed");
    assertThatThrownBy(dataplane::attachments).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> dataplane.slots().read(0, 1))
        .isInstanceOf(IllegalStateException.class);
  }

  private DataplaneOptions options() {
    return DataplaneOptions.defaults(bpffs).withSizes(SMALL);
  }

  private KernelDataplane open() {
    return KernelDataplane.open(options());
  }

  private static int entries(BpfMap map) {
    int[] count = {0};
    map.forEach((key, value) -> count[0]++);
    return count[0];
  }

  /** A datagram from 10.0.0.1 to 10.0.0.2:53 that has no checksum. */
  private static byte[] udp(int sourcePort) {
    ByteBuffer frame = ByteBuffer.allocate(14 + 20 + 8);
    frame.position(12).putShort((short) 0x0800);
    frame.put((byte) 0x45).put((byte) 0).putShort((short) 28).putInt(0);
    frame.put((byte) 64).put((byte) 17).putShort((short) 0);
    frame.putInt(0x0a000001).putInt(0x0a000002);
    frame.putShort((short) sourcePort).putShort((short) 53).putShort((short) 8);
    return frame.array();
  }

  /** Keys of ports 1000 + from …. */
  private static ByteBuffer keys(ByteBuffer buf, int from, int count) {
    for (int i = 0; i < count; i++) {
      int at = i * Svc4Key.SIZE;
      Svc4Key.clear(buf, at);
      Svc4Key.addr(buf, at, 0x0a000001);
      Svc4Key.port(buf, at, 1000 + from + i);
      Svc4Key.proto(buf, at, 6);
    }
    return buf;
  }

  /** Services 7, 8 …. */
  private static ByteBuffer values(int count) {
    ByteBuffer buf = Calls.direct(count * Svc.SIZE);
    for (int i = 0; i < count; i++) {
      Svc.id(buf, i * Svc.SIZE, 7 + i);
    }
    return buf;
  }

  private static Map<Integer, Integer> idsByPort(BpfMap svcs) {
    Map<Integer, Integer> ids = new TreeMap<>();
    svcs.forEach((key, value) -> ids.put(Svc4Key.port(key, 0), Svc.id(value, 0)));
    return ids;
  }
}
