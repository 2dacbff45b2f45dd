// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OomScoreTest {
  @TempDir Path dir;

  @Test
  void itIsAskedForWhenItIsGiven() throws Exception {
    Path file = dir.resolve("oom_score_adj");
    OomScore.set(file, null);
    assertThat(file).doesNotExist();
    OomScore.set(file, -999);
    assertThat(Files.readString(file)).isEqualTo("-999");
  }

  @Test
  void aRefusalDoesNotEndTheAgent() {
    assertThatCode(() -> OomScore.set(dir.resolve("none/oom_score_adj"), 5))
        .doesNotThrowAnyException();
  }
}
