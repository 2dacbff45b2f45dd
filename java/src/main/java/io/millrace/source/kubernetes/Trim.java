// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.kubernetes;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.model.ObjectKey;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * Builds trees of objects without the parts that no reader looks at: half of what the API server
 * sends is history of fields, templates of pods and lists of images.
 */
final class Trim {
  private static final Trim ALL = new Trim(true);
  private static final Trim NONE = new Trim(false);

  /** An object in the store has 1.5 MB at most; a stream without an end must not fill the heap. */
  static final int MAX_BYTES = 8 << 20;

  /** Characters and tokens after which that is looked at. */
  private static final int LOOK_AFTER = 16 << 10;

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private final boolean others;
  private final Map<String, Trim> fields = new HashMap<>();

  private Trim(boolean others) {
    this.others = others;
  }

  /** What is taken of an object of {@code kind}. */
  static Trim of(ObjectKey.Kind kind) {
    Trim root = new Trim(true).but("metadata", "managedFields", "ownerReferences");
    return switch (kind) {
      case SLICE -> root.but("endpoints", "targetRef", "deprecatedTopology");
      case NODE ->
          root.with("spec", only("podCIDR", "podCIDRs", "taints"))
              .with("status", only("addresses"));
      case POD -> {
        Trim container = only("ports", "restartPolicy");
        yield root.with(
                "spec",
                only("nodeName", "hostNetwork")
                    .with("containers", container)
                    .with("initContainers", container))
            .with("status", only("phase", "podIP", "podIPs"));
      }
      case NAMESPACE -> root.with("spec", NONE).with("status", NONE);
      default -> root;
    };
  }

  private static Trim only(String... names) {
    Trim trim = new Trim(false);
    for (String name : names) {
      trim.fields.put(name, ALL);
    }
    return trim;
  }

  private Trim with(String name, Trim trim) {
    fields.put(name, trim);
    return this;
  }

  private Trim but(String name, String... without) {
    Trim trim = new Trim(true);
    for (String each : without) {
      trim.fields.put(each, NONE);
    }
    return with(name, trim);
  }

  /** The value that the parser stands at; leaves it at that value's last token. */
  JsonNode read(JsonParser parser) throws IOException {
    return new Reading(parser).value(this);
  }

  private static final class Reading {
    private final JsonParser parser;
    private final long start;
    private int unseen;

    Reading(JsonParser parser) {
      this.parser = parser;
      start = parser.currentLocation().getByteOffset();
    }

    JsonNode value(Trim trim) throws IOException {
      look(1);
      return switch (parser.currentToken()) {
        case START_OBJECT -> object(trim);
        case START_ARRAY -> array(trim);
        case VALUE_STRING -> text();
        case VALUE_TRUE -> NODES.booleanNode(true);
        case VALUE_FALSE -> NODES.booleanNode(false);
        case VALUE_NUMBER_INT -> integer();
        case VALUE_NUMBER_FLOAT -> NODES.numberNode(parser.getDoubleValue());
        default -> NODES.nullNode();
      };
    }

    private JsonNode object(Trim trim) throws IOException {
      ObjectNode node = NODES.objectNode();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        Trim field = trim.fields.getOrDefault(name, trim.others ? ALL : NONE);
        parser.nextToken();
        if (field == NONE) {
          parser.skipChildren();
        } else {
          node.set(name, value(field));
        }
      }
      return node;
    }

    private JsonNode array(Trim trim) throws IOException {
      ArrayNode node = NODES.arrayNode();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        node.add(value(trim));
      }
      return node;
    }

    private JsonNode text() throws IOException {
      String text = parser.getText();
      look(text.length());
      return NODES.textNode(text);
    }

    private JsonNode integer() throws IOException {
      return switch (parser.getNumberType()) {
        case INT -> NODES.numberNode(parser.getIntValue());
        case LONG -> NODES.numberNode(parser.getLongValue());
        default -> NODES.numberNode(parser.getBigIntegerValue());
      };
    }

    private void look(int more) throws IOException {
      unseen += more;
      if (unseen < LOOK_AFTER) {
        return;
      }
      unseen = 0;
      if (parser.currentLocation().getByteOffset() - start > MAX_BYTES) {
        throw new IOException("an object of more than " + (MAX_BYTES >> 20) + " MiB");
      }
    }
  }
}
