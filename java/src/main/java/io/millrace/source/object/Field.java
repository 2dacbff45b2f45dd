// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.object;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.millrace.model.Cidr;
import io.millrace.model.Ip;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A place in a manifest, with the way to it. Absent and null are the same, as in Kubernetes; a
 * value of another type than asked for is an error that names the place.
 */
final class Field {
  private final String path;
  private final JsonNode node;

  private Field(String path, @Nullable JsonNode node) {
    this.path = path;
    this.node = node == null ? MissingNode.getInstance() : node;
  }

  static Field root(JsonNode node) {
    return new Field("", node);
  }

  String path() {
    return path;
  }

  boolean isAbsent() {
    return node.isMissingNode() || node.isNull();
  }

  boolean isText() {
    return node.isTextual();
  }

  /** A field of this object; an absent object has no fields. */
  Field get(String name) throws FieldException {
    if (!isAbsent() && !node.isObject()) {
      throw wrongType("an object");
    }
    return new Field(path.isEmpty() ? name : path + "." + name, node.get(name));
  }

  /** The elements of this list; none if absent. */
  List<Field> list() throws FieldException {
    if (isAbsent()) {
      return List.of();
    }
    if (!node.isArray()) {
      throw wrongType("a list");
    }
    List<Field> elements = new ArrayList<>(node.size());
    for (int i = 0; i < node.size(); i++) {
      elements.add(new Field(path + "[" + i + "]", node.get(i)));
    }
    return elements;
  }

  @Nullable String textOrNull() throws FieldException {
    if (isAbsent()) {
      return null;
    }
    if (!node.isTextual()) {
      throw wrongType("a string");
    }
    return node.textValue();
  }

  String text(String otherwise) throws FieldException {
    String text = textOrNull();
    return text == null ? otherwise : text;
  }

  /** A string that must be there. */
  String requiredText() throws FieldException {
    String text = textOrNull();
    if (text == null || text.isEmpty()) {
      throw error("is missing");
    }
    return text;
  }

  /** A string that must be one of a few. */
  String oneOf(Set<String> allowed, String otherwise) throws FieldException {
    String text = text(otherwise);
    if (!allowed.contains(text)) {
      throw error("must be one of " + allowed.stream().sorted().toList() + ", is \"" + text + "\"");
    }
    return text;
  }

  boolean flag(boolean otherwise) throws FieldException {
    if (isAbsent()) {
      return otherwise;
    }
    if (!node.isBoolean()) {
      throw wrongType("true or false");
    }
    return node.booleanValue();
  }

  /** A whole number in a range that must be there. */
  int number(int min, int max) throws FieldException {
    if (isAbsent()) {
      throw error("is missing");
    }
    if (!node.isIntegralNumber()) {
      throw wrongType("a whole number");
    }
    if (!node.canConvertToInt() || node.intValue() < min || node.intValue() > max) {
      throw error("must be " + min + "…" + max + ", is " + node.asText());
    }
    return node.intValue();
  }

  int number(int min, int max, int otherwise) throws FieldException {
    return isAbsent() ? otherwise : number(min, max);
  }

  /** An address that traffic can have: neither unspecified, loopback, link-local nor multicast. */
  Ip ip() throws FieldException {
    Ip ip = anyIp();
    if (ip.isUnspecified() || ip.isLoopback() || ip.isLinkLocal() || ip.isMulticast()) {
      throw error(ip + " is unspecified, loopback, link-local or multicast");
    }
    return ip;
  }

  /** An address of any kind. */
  Ip anyIp() throws FieldException {
    String text = requiredText();
    Ip ip = Ip.tryParse(text);
    if (ip == null) {
      throw error("\"" + text + "\" is not an IP address");
    }
    return ip;
  }

  /** An address block. */
  Cidr cidr() throws FieldException {
    String text = requiredText().strip();
    Cidr cidr = Cidr.tryParse(text);
    if (cidr == null) {
      throw error("\"" + text + "\" is not a block such as 10.1.0.0/24");
    }
    return cidr;
  }

  /** The addresses of this list. */
  List<Ip> ips() throws FieldException {
    List<Ip> ips = new ArrayList<>();
    for (Field element : list()) {
      ips.add(element.ip());
    }
    return ips;
  }

  /** A map of strings, such as labels; empty if absent. */
  Map<String, String> texts() throws FieldException {
    if (isAbsent()) {
      return Map.of();
    }
    if (!node.isObject()) {
      throw wrongType("an object");
    }
    Map<String, String> texts = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> each : node.properties()) {
      texts.put(each.getKey(), get(each.getKey()).text(""));
    }
    return texts;
  }

  FieldException error(String reason) {
    return new FieldException(path, reason);
  }

  private FieldException wrongType(String wanted) {
    String is =
        switch (node.getNodeType()) {
          case ARRAY -> "a list";
          case OBJECT -> "an object";
          case BOOLEAN, NUMBER -> node.asText();
          case STRING -> "the string \"" + node.textValue() + "\"";
          default -> "something else";
        };
    return error("must be " + wanted + ", is " + is);
  }
}
