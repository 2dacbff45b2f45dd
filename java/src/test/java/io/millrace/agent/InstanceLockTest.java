// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstanceLockTest {
  @TempDir Path dir;

  @Test
  void theSecondIsToldWhoHoldsIt() throws IOException {
    Path file = dir.resolve("agent.lock");
    long pid = ProcessHandle.current().pid();
    try (InstanceLock held = InstanceLock.ofFile(file)) {
      assertThat(held).isNotNull();
      assertThat(Files.readString(file)).isEqualTo(pid + "\n");
      assertThatThrownBy(() -> InstanceLock.ofFile(file))
          .isInstanceOf(InstanceLock.HeldException.class)
          .hasMessage("an agent is running with --run-dir " + dir + ": pid " + pid);
    }
    try (InstanceLock again = InstanceLock.ofFile(file)) {
      assertThat(again).isNotNull();
    }
  }

  @Test
  void aFolderIsLockedLikewise() throws IOException {
    try (InstanceLock held = InstanceLock.ofFolder(dir)) {
      assertThat(held).isNotNull();
      assertThatThrownBy(() -> InstanceLock.ofFolder(dir))
          .isInstanceOf(InstanceLock.HeldException.class)
          .hasMessageContaining("--bpffs " + dir);
    }
  }

  @Test
  void whatCannotBeLockedIsNamed() {
    Path missing = dir.resolve("none").resolve("agent.lock");
    assertThatThrownBy(() -> InstanceLock.ofFile(missing))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot lock " + missing);
  }
}
