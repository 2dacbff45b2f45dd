// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import io.millrace.admin.AdminException;
import io.millrace.admin.proto.Endpoint;
import io.millrace.admin.proto.Error;
import io.millrace.admin.proto.Response;
import io.millrace.admin.proto.Service;
import io.millrace.admin.proto.ServicePort;
import io.millrace.admin.proto.ServicesPage;
import io.millrace.compile.PortProgram;
import io.millrace.compile.ServiceProgram;
import io.millrace.compile.Target;
import io.millrace.model.ClusterImage;
import io.millrace.model.ServiceKey;
import io.millrace.model.ServiceSpec;
import io.millrace.reconcile.Reconciler;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Services for {@code millrace services}. Taken by the control thread as references to what is
 * immutable; turned into an answer elsewhere.
 */
final class ServiceListing {
  private static final int SERVICES_PER_PAGE = 200;

  private final List<Item> items = new ArrayList<>();
  private final boolean endpoints;

  /**
   * A Service, what it came from, and what it has in the kernel. {@code spec} is null for a Pod.
   */
  private record Item(@Nullable ServiceSpec spec, ServiceProgram program, List<PortItem> ports) {}

  private record PortItem(
      PortProgram program, List<PortProgram.Rule> rules, Map<Target, Integer> backendIds) {}

  private ServiceListing(boolean endpoints) {
    this.endpoints = endpoints;
  }

  /**
   * On the control thread.
   *
   * @param name as in {@code ServicesRequest}
   */
  static ServiceListing take(
      KernelEngine engine, ClusterImage image, String name, boolean endpoints) {
    ServiceListing listing = new ServiceListing(endpoints);
    for (ServiceProgram program : engine.compiler().programs().values()) {
      ServiceSpec spec = image.services().get(program.service());
      boolean served = spec != null || program.service().isPod();
      if (served && matches(program.service(), name)) {
        listing.items.add(new Item(spec, program, listing.ports(engine, program)));
      }
    }
    return listing;
  }

  static boolean matches(ServiceKey service, String name) {
    return name.isEmpty() || name.equals(service.name()) || name.equals(service.toString());
  }

  private List<PortItem> ports(KernelEngine engine, ServiceProgram program) {
    Reconciler reconciler = engine.reconciler();
    List<PortItem> ports = new ArrayList<>(program.ports().size());
    for (PortProgram port : program.ports()) {
      Map<Target, Integer> ids =
          endpoints && reconciler != null ? reconciler.backendIds(port.key()) : Map.of();
      ports.add(new PortItem(port, engine.compiler().rulesInForce(port), ids));
    }
    return ports;
  }

  /**
   * The frames of the answer, by namespace and name.
   *
   * @throws AdminException if {@code name} was given and nothing has it
   */
  List<Response> pages(String name) throws AdminException {
    if (items.isEmpty() && !name.isEmpty()) {
      throw new AdminException(
          Error.Code.NOT_FOUND,
          "no service " + name + " is in force: `millrace services` lists all of them");
    }
    items.sort((a, b) -> a.program().service().compareTo(b.program().service()));
    List<Response> pages = new ArrayList<>();
    ServicesPage.Builder page = ServicesPage.newBuilder();
    for (Item item : items) {
      page.addServices(service(item));
      if (endpoints || page.getServicesCount() == SERVICES_PER_PAGE) {
        pages.add(Response.newBuilder().setServices(page).build());
        page = ServicesPage.newBuilder();
      }
    }
    if (pages.isEmpty() || page.getServicesCount() > 0) {
      pages.add(Response.newBuilder().setServices(page).build());
    }
    return pages;
  }

  private Service service(Item item) {
    ServiceKey key = item.program().service();
    ServiceSpec spec = item.spec();
    Service.Builder service =
        Service.newBuilder()
            .setNamespace(key.namespace())
            .setName(key.name())
            .setType(spec == null ? "HostPort" : type(spec));
    if (spec != null) {
      service
          .setInternalTrafficPolicy(spec.internalLocal() ? "Local" : "Cluster")
          .setExternalTrafficPolicy(spec.externalLocal() ? "Local" : "Cluster");
    }
    item.ports().forEach(port -> service.addPorts(port(spec, port)));
    return service.build();
  }

  /** The widest of what it is served as. */
  private static String type(ServiceSpec spec) {
    if (!spec.loadBalancerIps().isEmpty()) {
      return "LoadBalancer";
    }
    return spec.ports().stream().anyMatch(port -> port.nodePort() != 0) ? "NodePort" : "ClusterIP";
  }

  private ServicePort port(@Nullable ServiceSpec spec, PortItem item) {
    PortProgram program = item.program();
    ServicePort.Builder port =
        ServicePort.newBuilder()
            .setName(program.key().port())
            .setProtocol(program.key().protocol().toString());
    ServiceSpec.Port specPort = spec == null ? null : portOf(spec, program);
    if (specPort != null) {
      port.setPort(specPort.port()).setNodePort(specPort.nodePort());
    } else if (!program.rules().isEmpty()) {
      port.setPort(program.rules().get(0).frontend().port());
    }
    for (PortProgram.Rule rule : item.rules()) {
      Target at = new Target(rule.frontend().ip(), rule.frontend().port(), 0);
      port.addFrontends(at.toString());
    }
    List<Target> targets = new ArrayList<>(program.targets4());
    targets.addAll(program.targets6());
    port.setEndpointsInUse((int) targets.stream().filter(ServiceListing::inUse).count());
    port.setEndpointsLocal(
        (int) targets.stream().filter(t -> inUse(t) && t.has(Target.HERE)).count());
    if (endpoints) {
      targets.forEach(target -> port.addEndpoints(endpoint(target, item.backendIds())));
    }
    return port.build();
  }

  private static ServiceSpec.@Nullable Port portOf(ServiceSpec spec, PortProgram program) {
    for (ServiceSpec.Port port : spec.ports()) {
      if (port.name().equals(program.key().port()) && port.protocol() == program.key().protocol()) {
        return port;
      }
    }
    return null;
  }

  private static boolean inUse(Target target) {
    return target.has(Target.ALL) || target.has(Target.LOCAL);
  }

  private static Endpoint endpoint(Target target, Map<Target, Integer> ids) {
    return Endpoint.newBuilder()
        .setAddress(target.ip().toString())
        .setPort(target.port())
        .setLocal(target.has(Target.HERE))
        .setInUse(inUse(target))
        .setBackendId(ids.getOrDefault(target, 0))
        .build();
  }
}
