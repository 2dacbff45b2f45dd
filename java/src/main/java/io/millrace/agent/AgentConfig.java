// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import io.millrace.bpf.FlowTimeouts;
import io.millrace.bpf.MapSizes;
import io.millrace.compile.NodeConfig;
import io.millrace.reconcile.PolicyOptions;
import io.millrace.reconcile.SocketLb;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What the operator decides; checked.
 *
 * @param node what is said of this node
 * @param source where the objects of the cluster come from
 * @param bpffs folder of the pins
 * @param runDir folder of the lock and the admin socket
 * @param tcx whether tcx links may be used where the kernel has them
 * @param direct whether established flows between pods pass the host's stack by
 * @param socketLb the cgroup v2 folder whose sockets are served, or why none is
 * @param netnsDir where the container runtime keeps the pods' network namespaces
 * @param policy what becomes of NetworkPolicies
 * @param servers where HTTP requests are answered
 * @param driftCheckS how often the kernel is compared with what has been written
 * @param oomScoreAdj how soon the kernel ends this process when memory is short; null = unchanged
 */
public record AgentConfig(
    NodeConfig node,
    SourceConfig source,
    Path bpffs,
    Path runDir,
    boolean tcx,
    boolean direct,
    SocketLb socketLb,
    Path netnsDir,
    PolicyOptions policy,
    ServerConfig servers,
    int driftCheckS,
    @Nullable Integer oomScoreAdj,
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
