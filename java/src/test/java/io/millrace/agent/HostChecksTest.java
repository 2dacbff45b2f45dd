// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostChecksTest {
  @TempDir Path root;

  @Test
  void rootOnAFittingKernelLacksNothing() throws IOException {
    host("000001ffffffffff", true, "nodev\tbpf\n");
    assertThat(HostChecks.missing(root)).isEmpty();
  }

  @Test
  void theThreeCapabilitiesAreEnough() throws IOException {
    host(Long.toHexString(1L << 12 | 1L << 38 | 1L << 39), true, "nodev\tbpf\n");
    assertThat(HostChecks.missing(root)).isEmpty();
  }

  @Test
  void everythingThatIsMissingIsNamed() throws IOException {
    host("0000000000000000", false, "nodev\ttmpfs\n");
    assertThat(HostChecks.missing(root))
        .hasSize(3)
        .anyMatch(text -> text.contains("CAP_NET_ADMIN, CAP_BPF, CAP_PERFMON"))
        .anyMatch(text -> text.contains("CONFIG_DEBUG_INFO_BTF"))
        .anyMatch(text -> text.contains("CONFIG_BPF_SYSCALL"));
  }

  private void host(String caps, boolean btf, String filesystems) throws IOException {
    write("proc/self/status", "Name:\tjava\nCapEff:\t" + caps + "\n");
    write("proc/filesystems", filesystems);
    if (btf) {
      write("sys/kernel/btf/vmlinux", "");
    }
  }

  private void write(String path, String text) throws IOException {
    Files.createDirectories(root.resolve(path).getParent());
    Files.writeString(root.resolve(path), text);
  }
}
