// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import io.millrace.admin.AdminClient;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import picocli.CommandLine.Option;

/** Which agent: {@code --run-dir}. */
final class RunDirOption {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  @Option(
      names = "--run-dir",
      paramLabel = "DIR",
      defaultValue = "/run/millrace",
      description = "Folder of the agent's lock and admin socket (default: ${DEFAULT-VALUE}).")
  Path dir = Path.of("/run/millrace");

  AdminClient connect() throws IOException {
    return AdminClient.connect(dir.resolve("admin.sock"), TIMEOUT);
  }
}
