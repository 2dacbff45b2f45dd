// SPDX-License-Identifier: Apache-2.0
package io.millrace.takeover;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("kernel") // only root may change the root
class LinuxHostTest {
  private final LinuxHost elsewhere = new LinuxHost(Path.of("/"));

  @Test
  void commandsOfAnotherRootAreLookedForWhereSystemsHaveThem() throws IOException {
    Host.Outcome told = elsewhere.run(List.of("printenv", "PATH"), "");
    assertThat(told.output()).isEqualTo("/usr/sbin:/usr/bin:/sbin:/bin\n");
  }

  @Test
  void whatFailsThereSaysWhy() throws IOException {
    Host.Outcome told = elsewhere.run(List.of("cat", "/none"), "");
    assertThat(told.status()).isNotZero();
    assertThat(told.error()).contains("/none");
  }
}
