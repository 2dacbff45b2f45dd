// SPDX-License-Identifier: Apache-2.0
package io.millrace.fake.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;

/** One version of an object: immutable. */
final class ApiObject {
  private final ApiResource resource;
  private final String namespace;
  private final String name;
  private final Map<String, String> labels;
  private final String nodeName;
  private final String phase;
  private final byte[] json;

  private ApiObject(ApiResource resource, ObjectNode object) {
    this.resource = resource;
    namespace = object.at("/metadata/namespace").asText();
    name = object.at("/metadata/name").asText();
    Map<String, String> found = new HashMap<>();
    object
        .at("/metadata/labels")
        .properties()
        .forEach(label -> found.put(label.getKey(), label.getValue().asText()));
    labels = Map.copyOf(found);
    nodeName = object.at("/spec/nodeName").asText();
    phase = object.at("/status/phase").asText();
    // As in lists: the list says what its items are.
    object.remove("kind");
    object.remove("apiVersion");
    json = Json.bytes(object);
  }

  /** Takes the tree over. */
  static ApiObject of(ApiResource resource, ObjectNode object, long version) {
    object.withObject("/metadata").put("resourceVersion", Long.toString(version));
    return new ApiObject(resource, object);
  }

  /** The same object as it is told when it has gone. */
  ApiObject at(long version) {
    return of(resource, tree(), version);
  }

  ObjectNode tree() {
    try {
      return Json.parse(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  ApiResource resource() {
    return resource;
  }

  String namespace() {
    return namespace;
  }

  String name() {
    return name;
  }

  String key() {
    return namespace + "/" + name;
  }

  Map<String, String> labels() {
    return labels;
  }

  /** The node of a Pod, else empty. */
  String nodeName() {
    return nodeName;
  }

  /** How far a Pod is, else empty. */
  String phase() {
    return phase;
  }

  /** As an item of a list. */
  byte[] item() {
    return json;
  }

  /** As it is told alone. */
  byte[] whole() {
    ByteArrayOutputStream out = new ByteArrayOutputStream(json.length + 64);
    out.writeBytes(
        Json.utf8(
            "{\"kind\":\""
                + resource.kind()
                + "\",\"apiVersion\":\""
                + resource.apiVersion()
                + "\","));
    out.write(json, 1, json.length - 1);
    return out.toByteArray();
  }
}
