// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile;

import io.millrace.compile.policy.PolicyCompiler;
import io.millrace.compile.policy.PolicyTables;
import io.millrace.model.ClusterDelta;
import io.millrace.model.ClusterImage;
import io.millrace.model.Ip;
import io.millrace.model.PodState;
import io.millrace.model.Problem;
import io.millrace.model.ServiceKey;
import io.millrace.model.ServicePortKey;
import io.millrace.model.ServiceSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * From the cluster image to what the kernel should hold. Each Service is compiled by a pure
 * function; what is kept here is a memo of its results, so that a change costs what it touches.
 * Compiling everything from scratch gives the same.
 *
 * <p>Not thread-safe: owned by the control thread.
 */
public final class Compiler {
  private final NodeConfig config;
  private final Map<ServiceKey, ServiceProgram> programs = new HashMap<>();
  private final Set<ServiceKey> withProblems = new HashSet<>();
  private final FrontendClaims frontends = new FrontendClaims();
  private final AddressClaims addresses = new AddressClaims();
  private final PolicyCompiler policies;
  private NodeTables node = NodeTables.EMPTY;
  private PolicyTables policy = PolicyTables.EMPTY;
  private @Nullable NodeFacts facts;
  private final Map<ServiceKey, HealthCheck> healthChecks = new TreeMap<>();

  public Compiler(NodeConfig config) {
    this.config = config;
    policies = new PolicyCompiler(config.nodeName());
  }

  /** Everything that the kernel should hold. */
  public Desired compileAll(ClusterImage image) {
    refreshNode(image);
    policy = policies.compileAll(image);
    update(image, everything(image));
    Map<ServicePortKey, PortProgram> all = new TreeMap<>();
    for (ServiceProgram program : programs.values()) {
      program.ports().forEach(port -> all.put(port.key(), port));
    }
    Map<Ip, Desired.AddressUse> uses = new LinkedHashMap<>();
    addresses.addAll(uses);
    return new Desired(true, share(all.values()), Set.of(), uses, node, policy);
  }

  /** What is different because of a delta that led to {@code image}. */
  public Desired compile(ClusterImage image, ClusterDelta delta) {
    policy = policies.compile(image, delta);
    Set<ServiceKey> services = delta.touchedServices();
    if (delta.touchedNode(config.nodeName()) || facts == null) {
      Set<ServiceKey> more = refreshNode(image);
      if (!more.isEmpty()) {
        more.addAll(services);
        services = more;
      }
    }
    return update(image, services);
  }

  /** What is wrong with what was compiled last. */
  public List<Problem> problems() {
    List<Problem> problems = new ArrayList<>(node.problems());
    problems.addAll(policy.problems());
    for (ServiceKey service : withProblems) {
      ServiceProgram program = programs.get(service);
      if (program != null) {
        problems.addAll(program.problems());
      }
    }
    problems.addAll(frontends.problems());
    Collections.sort(problems);
    return problems;
  }

  /** What was compiled last, by Service. */
  public Map<ServiceKey, ServiceProgram> programs() {
    return Collections.unmodifiableMap(programs);
  }

  /** The health check ports, as compiled last. */
  public HealthChecks healthChecks() {
    NodeFacts now = facts;
    if (now == null || healthChecks.isEmpty()) {
      return HealthChecks.NONE;
    }
    return new HealthChecks(
        config.nodePortAddresses().isRestricted() ? now.nodePortAddresses() : null, healthChecks);
  }

  /** The tables about this node, as compiled last. */
  public NodeTables node() {
    return node;
  }

  /** The frontends that a port really has. */
  public List<PortProgram.Rule> rulesInForce(PortProgram port) {
    return frontends.won(port);
  }

  /** The Services that must be compiled again for what has changed about the nodes. */
  private Set<ServiceKey> refreshNode(ClusterImage image) {
    NodeCompiler.Result result = NodeCompiler.compile(config, image);
    node = result.tables().equals(node) ? node : result.tables();
    NodeFacts before = facts;
    NodeFacts after = result.facts();
    facts = after;
    if (before == null || !after.equals(before.with(after.cluster()))) {
      return everything(image);
    }
    return after.cluster().equals(before.cluster())
        ? new TreeSet<>()
        : servicesOf(image, after.cluster().difference(before.cluster()));
  }

  private Set<ServiceKey> everything(ClusterImage image) {
    Set<ServiceKey> services = new TreeSet<>(image.services().keySet());
    for (PodState pod : image.podsOn(config.nodeName())) {
      if (!pod.hostPorts().isEmpty()) {
        services.add(ServiceKey.ofPod(pod.namespace(), pod.name()));
      }
    }
    services.addAll(programs.keySet());
    return services;
  }

  /** The Services with such an endpoint. */
  private static Set<ServiceKey> servicesOf(ClusterImage image, Predicate<Ip> endpoint) {
    Set<ServiceKey> services = new TreeSet<>();
    image
        .slices()
        .forEach(
            (service, slices) -> {
              if (slices.stream()
                  .flatMap(slice -> slice.endpoints().stream())
                  .anyMatch(each -> endpoint.test(each.ip()))) {
                services.add(service);
              }
            });
    return services;
  }

  private Desired update(ClusterImage image, Collection<ServiceKey> services) {
    Map<ServicePortKey, PortProgram> changed = new LinkedHashMap<>();
    Set<ServicePortKey> gone = new LinkedHashSet<>();
    Set<PortProgram> touched = new LinkedHashSet<>();
    Map<Ip, Desired.AddressUse> uses = new LinkedHashMap<>();
    for (ServiceKey service : services) {
      ServiceProgram before = programs.get(service);
      ServiceProgram after = compileOne(image, service);
      if (!after.equals(before)) {
        replace(before == null ? ServiceProgram.empty(service) : before, after, uses);
        diff(before, after, changed, gone, touched);
      }
    }
    for (PortProgram port : touched) {
      if (!gone.contains(port.key())) {
        changed.putIfAbsent(port.key(), port);
      }
    }
    return new Desired(false, share(changed.values()), gone, uses, node, policy);
  }

  private ServiceProgram compileOne(ClusterImage image, ServiceKey service) {
    NodeFacts now = facts;
    if (service.isPod()) {
      PodState pod = image.pods().get(service.pod());
      return pod == null || now == null
          ? ServiceProgram.empty(service)
          : HostPortCompiler.compile(pod, now);
    }
    ServiceSpec spec = image.services().get(service);
    return spec == null || now == null
        ? ServiceProgram.empty(service)
        : ServiceCompiler.compile(spec, image.slicesOf(service), now);
  }

  private void replace(
      ServiceProgram before, ServiceProgram after, Map<Ip, Desired.AddressUse> uses) {
    ServiceKey service = after.service();
    if (after.ports().isEmpty() && after.problems().isEmpty() && after.rejecting().isEmpty()) {
      programs.remove(service);
    } else {
      programs.put(service, after);
    }
    HealthCheck healthCheck = after.healthCheck();
    if (healthCheck == null) {
      healthChecks.remove(service);
    } else {
      healthChecks.put(service, healthCheck);
    }
    if (after.problems().isEmpty()) {
      withProblems.remove(service);
    } else {
      withProblems.add(service);
    }
    if (!before.rejecting().equals(after.rejecting())
        || !before.passing().equals(after.passing())) {
      addresses.add(after, uses);
      addresses.remove(before, uses);
    }
  }

  private void diff(
      @Nullable ServiceProgram before,
      ServiceProgram after,
      Map<ServicePortKey, PortProgram> changed,
      Set<ServicePortKey> gone,
      Set<PortProgram> touched) {
    Map<ServicePortKey, PortProgram> old = new HashMap<>();
    if (before != null) {
      before.ports().forEach(port -> old.put(port.key(), port));
    }
    for (PortProgram port : after.ports()) {
      PortProgram was = old.remove(port.key());
      if (!port.equals(was)) {
        frontends.replace(was, port, touched);
        changed.put(port.key(), port);
      }
    }
    for (PortProgram was : old.values()) {
      frontends.replace(was, null, touched);
      gone.add(was.key());
    }
  }

  private List<Desired.Port> share(Collection<PortProgram> ports) {
    List<Desired.Port> shared = new ArrayList<>(ports.size());
    for (PortProgram port : ports) {
      shared.add(new Desired.Port(port, frontends.won(port)));
    }
    return shared;
  }
}
