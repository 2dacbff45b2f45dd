// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import io.millrace.model.Problem;
import io.millrace.source.kubernetes.ServiceEvent;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Makes events of the problems that the owner of a Service can mend. */
final class ProblemEvents implements Consumer<ProblemBoard.Entry> {
  /** A Service, or a port of one. */
  private static final Pattern SERVICE = Pattern.compile("Service ([^/]+)/([^/:]+)([:/].*)?");

  private final Consumer<ServiceEvent> events;

  ProblemEvents(Consumer<ServiceEvent> events) {
    this.events = events;
  }

  @Override
  public void accept(ProblemBoard.Entry entry) {
    Problem problem = entry.problem();
    Matcher service = SERVICE.matcher(problem.object());
    String reason = reason(entry.source(), problem.field());
    if (reason != null && service.matches()) {
      String field = problem.field().isEmpty() ? "" : problem.field() + ": ";
      events.accept(
          new ServiceEvent(
              service.group(1),
              service.group(2),
              reason,
              port(service) + field + problem.reason()));
    }
  }

  private static String port(Matcher service) {
    String port = service.group(3);
    return port == null ? "" : "port " + port.substring(1) + ": ";
  }

  /** Null if it is not for the owner of a Service. */
  private static @Nullable String reason(String source, String field) {
    return switch (source) {
      case "services" ->
          field.startsWith("EndpointSlice ") ? "KubeProxyIncorrectIPVersion" : "NotProgrammed";
      case "kubernetes" -> "InvalidObject";
      case "health ports" -> "FailedToStartServiceHealthcheck";
      default -> null;
    };
  }
}
