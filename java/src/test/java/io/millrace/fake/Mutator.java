// SPDX-License-Identifier: Apache-2.0
package io.millrace.fake;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Makes of API objects what no API server would let through, and no person would write. */
public final class Mutator {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final List<String> WORDS =
      List.of(
          "",
          " ",
          "TCP",
          "UDP",
          "0",
          "-1",
          "65536",
          "0.0.0.0/0",
          "::/0",
          "10.0.0.1",
          "fd00::1",
          "::ffff:10.0.0.1",
          "10.0.0.0/33",
          "300.1.1.1",
          "None",
          "Local",
          "Cluster",
          "IPv6",
          "true",
          "\u0000",
          "\ud800",
          "a/b",
          "../..",
          "2026-13-99T99:99:99Z",
          "9".repeat(400));
  private static final long[] NUMBERS = {
    0, 1, -1, 80, 65_535, 65_536, Integer.MAX_VALUE, Integer.MIN_VALUE, Long.MAX_VALUE
  };

  private final Random random;

  public Mutator(Random random) {
    this.random = random;
  }

  /**
   * The same but for a few places.
   *
   * @param others where parts may come from
   */
  public JsonNode mutate(JsonNode object, List<JsonNode> others) {
    JsonNode copy = object.deepCopy();
    for (int i = random.nextInt(4); i >= 0; i--) {
      List<JsonNode> inner = new ArrayList<>();
      collect(copy, inner);
      JsonNode place = inner.get(random.nextInt(inner.size()));
      if (place instanceof ObjectNode fields) {
        change(fields, others);
      } else if (place instanceof ArrayNode elements) {
        change(elements, others);
      }
    }
    return copy;
  }

  private void change(ObjectNode fields, List<JsonNode> others) {
    List<String> names = new ArrayList<>();
    fields.fieldNames().forEachRemaining(names::add);
    if (names.isEmpty() || random.nextInt(12) == 0) {
      fields.set(any(WORDS), anything(others));
      return;
    }
    String name = any(names);
    switch (random.nextInt(4)) {
      case 0 -> fields.remove(name);
      case 1 -> fields.set(name, anything(others));
      default -> fields.set(name, near(fields.get(name), others));
    }
  }

  private void change(ArrayNode elements, List<JsonNode> others) {
    if (elements.isEmpty()) {
      elements.add(anything(others));
      return;
    }
    int i = random.nextInt(elements.size());
    switch (random.nextInt(5)) {
      case 0 -> elements.remove(i);
      case 1 -> elements.add(elements.get(i).deepCopy());
      case 2 -> elements.set(i, anything(others));
      default -> elements.set(i, near(elements.get(i), others));
    }
  }

  /** Of the same kind, if it has a value. */
  private JsonNode near(JsonNode node, List<JsonNode> others) {
    if (node.isTextual()) {
      return NODES.textNode(text(node.textValue()));
    }
    if (node.isNumber()) {
      return NODES.numberNode(
          random.nextBoolean()
              ? NUMBERS[random.nextInt(NUMBERS.length)]
              : node.longValue() + random.nextInt(5) - 2);
    }
    return random.nextInt(4) == 0 ? anything(others) : node;
  }

  private String text(String text) {
    if (text.isEmpty() || random.nextInt(3) == 0) {
      return any(WORDS);
    }
    int at = random.nextInt(text.length());
    String rest = text.substring(at + 1);
    return switch (random.nextInt(3)) {
      case 0 -> text.substring(0, at) + rest;
      case 1 -> text.substring(0, at) + (char) (32 + random.nextInt(95)) + rest;
      default -> text + text.charAt(at);
    };
  }

  private JsonNode anything(List<JsonNode> others) {
    return switch (random.nextInt(9)) {
      case 0 -> NODES.nullNode();
      case 1 -> NODES.booleanNode(random.nextBoolean());
      case 2 -> NODES.numberNode(NUMBERS[random.nextInt(NUMBERS.length)]);
      case 3 -> NODES.numberNode(random.nextDouble() * 1e18);
      case 4 -> NODES.objectNode();
      case 5 -> NODES.arrayNode();
      case 6 -> part(others);
      default -> TextNode.valueOf(any(WORDS));
    };
  }

  private JsonNode part(List<JsonNode> others) {
    List<JsonNode> inner = new ArrayList<>();
    collect(any(others), inner);
    return any(inner).deepCopy();
  }

  /** Objects and arrays, itself first. */
  private static void collect(JsonNode node, List<JsonNode> into) {
    if (node.isContainerNode()) {
      into.add(node);
      node.forEach(child -> collect(child, into));
    }
  }

  private <T> T any(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }
}
