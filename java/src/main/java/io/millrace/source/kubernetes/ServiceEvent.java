// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;

/**
 * Something that the owner of a Service should know.
 *
 * @param reason one word, for example {@code NotProgrammed}
 * @param message a sentence
 */
public record ServiceEvent(String namespace, String service, String reason, String message) {
  private static final int MESSAGE_CHARS = 1024; // the server's limit

  public ServiceEvent {
    message = message.substring(0, Math.min(message.length(), MESSAGE_CHARS));
  }

  /** For example {@code default/web}. */
  String who() {
    return namespace + "/" + service;
  }

  String servicePath() {
    return "/api/v1/namespaces/" + namespace + "/services/" + service;
  }

  String eventsPath() {
    return "/api/v1/namespaces/" + namespace + "/events";
  }

  /** The same for the same fact of the same Service on the same node, whatever agent tells it. */
  String name(String uid, String node) {
    String text = String.join("\n", uid, reason, message, node);
    UUID hash = UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8));
    return "%s.%016x".formatted(service, hash.getMostSignificantBits());
  }

  /**
   * The object to create.
   *
   * @param of the Service's metadata
   */
  ObjectNode object(JsonNode of, String node, Instant now) {
    String uid = of.path("uid").asText();
    ObjectNode event = JsonNodeFactory.instance.objectNode();
    event.put("apiVersion", "v1").put("kind", "Event");
    event.putObject("metadata").put("namespace", namespace).put("name", name(uid, node));
    event
        .putObject("involvedObject")
        .put("apiVersion", "v1")
        .put("kind", "Service")
        .put("namespace", namespace)
        .put("name", service)
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
