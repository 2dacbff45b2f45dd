// SPDX-License-Identifier: Apache-2.0
package io.millrace.trace;

import io.millrace.compile.NodeTables;
import io.millrace.compile.PortProgram;
import io.millrace.compile.Target;
import io.millrace.compile.policy.PolicyTables;
import io.millrace.model.ClusterImage;
import io.millrace.model.ServicePortKey;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is known to the agent, by which names become addresses and ids names. */
public interface TraceWorld {
  ClusterImage image();

  NodeTables node();

  /** What a service id of the kernel stands for; null if nothing of that id is in force. */
  @Nullable PortProgram port(int serviceId);

  /** The policies as compiled last. */
  PolicyTables policies();

  /** The ids of its endpoints in backends4 and backends6. */
  Map<Target, Integer> backendIds(ServicePortKey port);
}
