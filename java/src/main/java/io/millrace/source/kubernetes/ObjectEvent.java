// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.model.ObjectKey;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;

/**
 * Something that the owner of a Service or a NetworkPolicy should know.
 *
 * @param object whose event it is
 * @param reason one word, for example {@code NotProgrammed}
 * @param message a sentence
 */
public record ObjectEvent(ObjectKey object, String reason, String message) {
  private static final int MESSAGE_CHARS = 1024; // the server's limit

  public ObjectEvent {
    message = message.substring(0, Math.min(message.length(), MESSAGE_CHARS));
  }

  /** One of a Service. */
  public static ObjectEvent ofService(
      String namespace, String name, String reason, String message) {
    return new ObjectEvent(new ObjectKey(ObjectKey.Kind.SERVICE, namespace, name), reason, message);
  }

  /** Its name, alone. */
  public String name() {
    return object.name();
  }

  /** For example {@code Service default/web}. */
  String who() {
    return object.toString();
  }

  private boolean isPolicy() {
    return object.kind() == ObjectKey.Kind.POLICY;
  }

  String objectPath() {
    String resource =
        isPolicy()
            ? "/apis/networking.k8s.io/v1/namespaces/%s/networkpolicies/"
            : "/api/v1/namespaces/%s/services/";
    return resource.formatted(object.namespace()) + object.name();
  }

  String eventsPath() {
    return "/api/v1/namespaces/" + object.namespace() + "/events";
  }

  /** The same for the same fact of the same object on the same node, whatever agent tells it. */
  String name(String uid, String node) {
    String text = String.join("\n", uid, reason, message, node);
    UUID hash = UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8));
    return "%s.%016x".formatted(name(), hash.getMostSignificantBits());
  }

  /**
   * The object to create.
   *
   * @param of the object's metadata
   */
  ObjectNode object(JsonNode of, String node, Instant now) {
    String uid = of.path("uid").asText();
    ObjectNode event = JsonNodeFactory.instance.objectNode();
    event.put("apiVersion", "v1").put("kind", "Event");
    event.putObject("metadata").put("namespace", object.namespace()).put("name", name(uid, node));
    event
        .putObject("involvedObject")
        .put("apiVersion", isPolicy() ? "networking.k8s.io/v1" : "v1")
        .put("kind", object.kind().title())
        .put("namespace", object.namespace())
        .put("name", name())
        .put("uid", uid)
        .put("resourceVersion", of.path("resourceVersion").asText());
    event.put("type", "Warning").put("reason", reason).put("message", message).put("count", 1);
    event.put("firstTimestamp", text(now)).put("lastTimestamp", text(now));
    event.put("reportingComponent", "millrace").put("reportingInstance", node);
    event.putObject("source").put("component", "millrace").put("host", node);
    return event;
  }

  /** As the server writes times. */
  static String text(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
