// SPDX-License-Identifier: Apache-2.0
package io.millrace.fake.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** JSON and YAML as trees. */
final class Json {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

  private Json() {}

  static ObjectNode object() {
    return JSON.createObjectNode();
  }

  static byte[] bytes(JsonNode node) {
    try {
      return JSON.writeValueAsBytes(node);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * An object out of JSON.
   *
   * @throws IOException if it is something else
   */
  static ObjectNode parse(byte[] text) throws IOException {
    if (JSON.readTree(text) instanceof ObjectNode object) {
      return object;
    }
    throw new IOException("not a JSON object");
  }

  /** The documents of a YAML stream that are objects. */
  static List<ObjectNode> documents(String yaml) throws IOException {
    List<ObjectNode> documents = new ArrayList<>();
    try (MappingIterator<JsonNode> nodes = YAML.readerFor(JsonNode.class).readValues(yaml)) {
      while (nodes.hasNext()) {
        if (nodes.next() instanceof ObjectNode object) {
          documents.add(object);
        }
      }
    }
    return documents;
  }

  /** What the API server says of a request that it does not serve. */
  static ObjectNode status(int code, String reason, String message) {
    ObjectNode status = object();
    status.put("kind", "Status").put("apiVersion", "v1");
    status.putObject("metadata");
    status.put("status", code < 300 ? "Success" : "Failure");
    return status.put("message", message).put("reason", reason).put("code", code);
  }

  /** Merge patch, RFC 7386. */
  static void merge(ObjectNode target, ObjectNode patch) {
    for (Map.Entry<String, JsonNode> change : patch.properties()) {
      String name = change.getKey();
      JsonNode value = change.getValue();
      if (value.isNull()) {
        target.remove(name);
      } else if (value instanceof ObjectNode part) {
        merge(target.get(name) instanceof ObjectNode old ? old : target.putObject(name), part);
      } else {
        target.set(name, value);
      }
    }
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
