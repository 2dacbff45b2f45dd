// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.reconcile.OptOutTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Real network namespaces, bound to files as container runtimes do it. Needs root. */
@Tag("kernel")
final class KernelNodeNetworksTest {
  private static final MapSizes SMALL =
      new MapSizes(1024, 1024, 64, 64, 4096, 64, 64, 64, 64, 16, 64, 128, PolicySizes.DEFAULT);
  private static final Path HERE = Path.of("/proc/thread-self/ns/net");

  private Path folder = Path.of("/");
  private Path bpffs = Path.of("/");

  @BeforeEach
  void makeFolders() throws IOException {
    Path base = Files.createTempDirectory("millrace-networks");
    bpffs = base.resolve("pins");
    folder = Files.createDirectory(base.resolve("netns"));
  }

  @AfterEach
  void removeFolders() throws IOException, InterruptedException {
    KernelDataplane.cleanup(bpffs);
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        run(0, "sh", "-c", "umount -q " + file + "; rm " + file);
      }
    }
    Files.delete(folder);
    Files.delete(folder.getParent());
  }

  private static void run(int status, String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).inheritIO().start();
    assertThat(process.waitFor()).as(Arrays.toString(command)).isEqualTo(status);
  }

  private void namespace(String name, String address) throws IOException, InterruptedException {
    Path file = Files.createFile(folder.resolve(name));
    run(0, "unshare", "--net=" + file, "ip", "addr", "add", address, "dev", "lo");
  }

  private KernelDataplane open() {
    return KernelDataplane.open(DataplaneOptions.defaults(bpffs).withSizes(SMALL));
  }

  @Test
  void addressesComeWithTheCookieOfTheirNamespace() throws IOException, InterruptedException {
    namespace("one", "10.9.9.1/32");
    namespace("two", "fd00:9::1/128");
    Path here = Files.readSymbolicLink(HERE);
    try (KernelDataplane dataplane = open();
        NodeNetworks networks = dataplane.networks(folder).orElseThrow()) {
      NodeNetworks.Found found = networks.find();
      assertThat(found.walk().visited()).isEqualTo(3);
      assertThat(found.walk().failed()).isZero();
      assertThat(found.addresses())
          .extracting(NodeNetworks.Address::ip)
          .satisfiesExactlyInAnyOrder(
              ip -> assertThat(ip).containsExactly(10, 9, 9, 1),
              ip -> assertThat(ip).startsWith(0xfd, 0, 0, 9).hasSize(16));
      assertThat(found.addresses()).extracting(NodeNetworks.Address::cookie).doesNotContain(0L);
      assertThat(found.addresses())
          .extracting(NodeNetworks.Address::cookie)
          .doesNotHaveDuplicates();
    }
    assertThat(Files.readSymbolicLink(HERE)).isEqualTo(here);
  }

  @Test
  void whatCannotBeEnteredIsToldAndCounted() throws IOException {
    Files.createFile(folder.resolve("stale"));
    try (KernelDataplane dataplane = open();
        NodeNetworks networks = dataplane.networks(folder).orElseThrow()) {
      NodeNetworks.Ended ended = networks.endSockets(true, true);
      assertThat(ended.sockets()).isZero();
      assertThat(ended.walk().visited()).isEqualTo(1);
      assertThat(ended.walk().failed()).isEqualTo(1);
      assertThat(ended.walk().reasons())
          .singleElement()
          .satisfies(why -> assertThat(why).contains("stale", "HostToContainer"));
    }
  }

  @Test
  void withoutAFolderTheOwnNamespaceIsVisited() {
    try (KernelDataplane dataplane = open();
        NodeNetworks networks = dataplane.networks(folder.resolve("none")).orElseThrow()) {
      NodeNetworks.Walk walk = networks.endSockets(true, true).walk();
      assertThat(walk.noFolder()).isTrue();
      assertThat(walk.visited()).isEqualTo(1);
    }
  }

  @Test
  void theTableOutlivesTheAgent() {
    for (int agent = 0; agent < 2; agent++) {
      try (KernelDataplane dataplane = open();
          NodeNetworks networks = dataplane.networks(folder).orElseThrow()) {
        OptOutTable table = new OptOutTable(networks.optedOut());
        table.load();
        assertThat(table.actual()).hasSize(2 * agent);
        table.apply(Set.of(0x1_0000_0007L, 8L), Set.of());
        assertThat(table.writes()).isEqualTo(agent == 0 ? 2 : 0);
        table.apply(Set.of(), Set.of(9L));
        table.load();
        assertThat(table.actual()).containsExactlyInAnyOrder(8L, 0x1_0000_0007L);
      }
    }
  }
}
