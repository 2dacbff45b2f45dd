// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import io.millrace.model.ObjectKey;
import io.millrace.model.Problem;
import io.millrace.source.kubernetes.ObjectEvent;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Makes events of the problems that the owner of a Service or NetworkPolicy can mend. */
final class ProblemEvents implements Consumer<ProblemBoard.Entry> {
  /** A Service, or a port of one; a NetworkPolicy. */
  private static final Pattern OBJECT =
      Pattern.compile("(Service|NetworkPolicy) ([^/]+)/([^/:]+)([:/].*)?");

  private final Consumer<ObjectEvent> events;

  ProblemEvents(Consumer<ObjectEvent> events) {
    this.events = events;
  }

  @Override
  public void accept(ProblemBoard.Entry entry) {
    Problem problem = entry.problem();
    Matcher object = OBJECT.matcher(problem.object());
    String reason = reason(entry.source(), problem.field());
    if (reason != null && object.matches()) {
      String field = problem.field().isEmpty() ? "" : problem.field() + ": ";
      events.accept(new ObjectEvent(key(object), reason, port(object) + field + problem.reason()));
    }
  }

  private static ObjectKey key(Matcher object) {
    boolean isService = object.group(1).equals(ObjectKey.Kind.SERVICE.title());
    return new ObjectKey(
        isService ? ObjectKey.Kind.SERVICE : ObjectKey.Kind.POLICY,
        object.group(2),
        object.group(3));
  }

  private static String port(Matcher object) {
    String port = object.group(4);
    return port == null ? "" : "port " + port.substring(1) + ": ";
  }

  /** Null if it is not for the owner of an object. */
  private static @Nullable String reason(String source, String field) {
    return switch (source) {
      case "services", "policies" ->
          field.startsWith("EndpointSlice ") ? "KubeProxyIncorrectIPVersion" : "NotProgrammed";
      case "kubernetes" -> "InvalidObject";
      case "health ports" -> "FailedToStartServiceHealthcheck";
      default -> null;
    };
  }
}
