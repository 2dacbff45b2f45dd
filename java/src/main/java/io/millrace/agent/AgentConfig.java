// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import io.millrace.bpf.FlowTimeouts;
import io.millrace.bpf.MapSizes;
import io.millrace.compile.NodeConfig;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What the operator decides; checked.
 *
 * @param node what is said of this node
 * @param manifests the folder to follow
 * @param bpffs folder of the pins
 * @param runDir folder of the lock and the admin socket
 * @param tcx whether tcx links may be used where the kernel has them
 * @param cgroup the cgroup v2 tree whose sockets are to be served, if any
 */
public record AgentConfig(
    NodeConfig node,
    Path manifests,
    Path bpffs,
    Path runDir,
    boolean tcx,
    Optional<Path> cgroup,
    PortRange snatPorts,
    FlowTimeouts flowTimeouts,
    MapSizes mapSizes) {
  /** Source ports, both ends included, that translated connections leave with. */
  public record PortRange(int min, int max) {
    @Override
    public String toString() {
      return min + "-" + max;
    }
  }

  /** The lock file. */
  Path lockFile() {
    return runDir.resolve("agent.lock");
  }

  /** The admin socket. */
  Path adminSocket() {
    return runDir.resolve("admin.sock");
  }
}
