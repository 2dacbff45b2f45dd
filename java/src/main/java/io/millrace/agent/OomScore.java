// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How soon the kernel ends this process when memory is short. */
final class OomScore {
  private static final Logger log = LoggerFactory.getLogger(OomScore.class);

  private OomScore() {}

  /**
   * Asks for it. Less than before takes CAP_SYS_RESOURCE; without, the agent goes on as it is.
   *
   * @param file the process's own
   * @param score -1000 … 1000; null = as it is
   */
  static void set(Path file, @Nullable Integer score) {
    if (score == null) {
      return;
    }
    try {
      Files.writeString(file, score.toString());
    } catch (IOException e) {
      log.warn("--oom-score-adj {} is not granted: {}", score, e.getMessage());
    }
  }
}
