// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import io.millrace.admin.proto.Endpoint;
import io.millrace.admin.proto.Service;
import io.millrace.admin.proto.ServicePort;
import java.io.PrintStream;
import java.util.List;

/** {@code millrace services} as text. */
final class ServicesView {
  private ServicesView() {}

  static void print(List<Service> services, boolean details, PrintStream out) {
    if (services.isEmpty()) {
      out.println("no services");
    } else if (details) {
      services.forEach(service -> details(service, out));
    } else {
      list(services, out);
    }
  }

  private static void list(List<Service> services, PrintStream out) {
    Table table = new Table("NAMESPACE", "NAME", "TYPE", "PORT", "FRONTENDS", "ENDPOINTS", "LOCAL");
    for (Service service : services) {
      for (ServicePort port : service.getPortsList()) {
        table.row(
            service.getNamespace(),
            service.getName(),
            service.getType(),
            label(port),
            frontends(port.getFrontendsList()),
            port.getEndpointsInUse(),
            port.getEndpointsLocal());
      }
    }
    table.print(out);
  }

  private static void details(Service service, PrintStream out) {
    out.println(
        service.getNamespace()
            + "/"
            + service.getName()
            + "  "
            + service.getType()
            + policies(service));
    for (ServicePort port : service.getPortsList()) {
      out.println();
      out.println("port " + label(port));
      for (String frontend : port.getFrontendsList()) {
        out.println("  " + frontend);
      }
      Table table = new Table("  ENDPOINT", "LOCAL", "NEW FLOWS", "BACKEND");
      for (Endpoint endpoint : port.getEndpointsList()) {
        table.row(
            "  " + Units.socket(endpoint.getAddress(), endpoint.getPort()),
            endpoint.getLocal() ? "yes" : "no",
            endpoint.getInUse() ? "yes" : "no",
            endpoint.getBackendId() == 0 ? "" : endpoint.getBackendId());
      }
      if (table.isEmpty()) {
        out.println("  no endpoints: connections are rejected");
      } else {
        table.print(out);
      }
    }
    out.println();
  }

  private static String policies(Service service) {
    return service.getInternalTrafficPolicy().isEmpty()
        ? ""
        : ", internal traffic: "
            + service.getInternalTrafficPolicy()
            + ", external traffic: "
            + service.getExternalTrafficPolicy();
  }

  private static String label(ServicePort port) {
    return port.getPort()
        + "/"
        + port.getProtocol()
        + (port.getNodePort() == 0 ? "" : " (node port " + port.getNodePort() + ")")
        + (port.getName().isEmpty() ? "" : " " + port.getName());
  }

  private static String frontends(List<String> frontends) {
    return switch (frontends.size()) {
      case 0 -> "";
      case 1 -> frontends.get(0);
      default -> frontends.get(0) + " +" + (frontends.size() - 1);
    };
  }
}
