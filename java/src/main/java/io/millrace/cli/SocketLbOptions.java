// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import io.millrace.reconcile.SocketLb;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Whose sockets are led to backends as they connect. */
final class SocketLbOptions {
  private static final Path MOUNTS = Path.of("/proc/self/mounts");

  @Option(
      names = "--cgroup",
      paramLabel = "auto|DIR|none",
      hideParamSyntax = true,
      defaultValue = "auto",
      description =
          "cgroup v2 folder of this node's pods and processes, whose sockets are served. auto: where"
              + " cgroup v2 is mounted; none: as --socket-lb=off (default: ${DEFAULT-VALUE}).")
  String cgroup = "auto";

  @Option(
      names = "--socket-lb",
      paramLabel = "on|off",
      hideParamSyntax = true,
      defaultValue = "on",
      description =
          "Lead sockets to a backend as they connect, so that their packets need no translation,"
              + " and serve nodePorts on loopback addresses (default: ${DEFAULT-VALUE}).")
  String socketLb = "on";

  @Option(
      names = "--netns-dir",
      paramLabel = "DIR",
      defaultValue = "/run/netns",
      description =
          "Folder where the container runtime keeps the pods' network namespaces; without it, only"
              + " this one's sockets are looked after (default: ${DEFAULT-VALUE}).")
  Path netnsDir = Path.of("/run/netns");

  Path netnsDir() {
    return netnsDir.toAbsolutePath().normalize();
  }

  SocketLb socketLb(AgentCommand command) {
    if (!socketLb.equals("on") && !socketLb.equals("off")) {
      throw command.bad("--socket-lb", socketLb, "is neither on nor off");
    }
    boolean named = !cgroup.equals("auto") && !cgroup.equals("none");
    if (named && !Files.exists(Path.of(cgroup).resolve("cgroup.controllers"))) {
      throw command.bad("--cgroup", cgroup, "is no cgroup v2 folder: try auto, or none");
    }
    if (socketLb.equals("off")) {
      return SocketLb.off("--socket-lb=off");
    }
    if (cgroup.equals("none")) {
      return SocketLb.off("--cgroup=none");
    }
    if (named) {
      return SocketLb.on(Path.of(cgroup).toAbsolutePath().normalize());
    }
    return mounted(MOUNTS)
        .map(SocketLb::on)
        .orElseGet(() -> SocketLb.off("no cgroup v2 is mounted here"));
  }

  /** Where cgroup v2 is mounted first, as {@code /proc/self/mounts} has it. */
  static Optional<Path> mounted(Path mounts) {
    try {
      return Files.readAllLines(mounts).stream()
          .map(line -> line.split(" ", -1))
          .filter(fields -> fields.length > 2 && fields[2].equals("cgroup2"))
          .map(fields -> Path.of(fields[1]))
          .findFirst();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
