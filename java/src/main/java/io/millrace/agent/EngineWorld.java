// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import io.millrace.compile.NodeTables;
import io.millrace.compile.PortProgram;
import io.millrace.compile.ServiceProgram;
import io.millrace.compile.Target;
import io.millrace.compile.policy.PolicyTables;
import io.millrace.model.ClusterImage;
import io.millrace.model.ServicePortKey;
import io.millrace.reconcile.Reconciler;
import io.millrace.trace.TraceWorld;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What the control thread knows, for {@code millrace trace}; to be asked on that thread. */
final class EngineWorld implements TraceWorld {
  private final KernelEngine engine;
  private final Supplier<ClusterImage> image;

  EngineWorld(KernelEngine engine, Supplier<ClusterImage> image) {
    this.engine = engine;
    this.image = image;
  }

  @Override
  public ClusterImage image() {
    return image.get();
  }

  @Override
  public NodeTables node() {
    return engine.compiler().node();
  }

  @Override
  public @Nullable PortProgram port(int serviceId) {
    Reconciler reconciler = engine.reconciler();
    ServicePortKey key = reconciler == null ? null : reconciler.servicePorts().get(serviceId);
    ServiceProgram program = key == null ? null : engine.compiler().programs().get(key.service());
    if (program == null) {
      return null;
    }
    return program.ports().stream().filter(port -> port.key().equals(key)).findFirst().orElse(null);
  }

  @Override
  public PolicyTables policies() {
    return engine.policyTables();
  }

  @Override
  public Map<Target, Integer> backendIds(ServicePortKey port) {
    Reconciler reconciler = engine.reconciler();
    return reconciler == null ? Map.of() : reconciler.backendIds(port);
  }
}
