// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.kubernetes;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.millrace.model.ObjectKey;
import io.millrace.source.object.ObjectReader;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Consumer;

/**
 * Reads what lists and watches stream: object by object, each turned into a record as soon as its
 * brace has closed, so that the heap never holds an answer. One per thread.
 */
final class ItemParser {
  /** Names of fields are data here (labels, annotations): the JVM need not keep them for ever. */
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder().maxStringLength(Trim.MAX_BYTES).build())
          .build();

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final ObjectReader reader = new ObjectReader(ObjectReader.Mode.LENIENT);
  private final ObjectKey.Kind kind;
  private final Trim trim;

  ItemParser(ObjectKey.Kind kind) {
    this.kind = kind;
    trim = Trim.of(kind);
  }

  /**
   * The rest of a page, after its objects.
   *
   * @param version of the list
   * @param next where the next page begins; empty if there is none
   */
  record Page(String version, String next) {}

  /**
   * One event of a watch.
   *
   * @param type for example {@code ADDED}
   * @param object trimmed
   */
  record Event(String type, JsonNode object) {
    /** The object's {@code resourceVersion}; empty if it has none. */
    String version() {
      return object.path("metadata").path("resourceVersion").asText("");
    }
  }

  /** A stream of events. */
  interface Events {
    /** Waits for the next one; false at the end. */
    boolean next(Consumer<Event> event) throws IOException;
  }

  /**
   * Reads a page to its end.
   *
   * @throws IOException if it breaks off, or is no list
   */
  Page page(InputStream body, Consumer<ObjectReader.Result> items) throws IOException {
    try (JsonParser parser = JSON.createParser(body)) {
      require(parser.nextToken() == JsonToken.START_OBJECT);
      JsonNode metadata = MissingNode.getInstance();
      boolean listed = false;
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        JsonToken token = parser.nextToken();
        if (name.equals("items")) {
          listed = true;
          items(parser, token, items);
        } else if (name.equals("metadata")) {
          metadata = trim.read(parser);
        } else {
          parser.skipChildren();
        }
      }
      String version = metadata.path("resourceVersion").asText("");
      require(listed && !version.isEmpty());
      // To the very end, or the connection could not serve the next page.
      require(parser.nextToken() == null);
      return new Page(version, metadata.path("continue").asText(""));
    }
  }

  private void items(JsonParser parser, JsonToken token, Consumer<ObjectReader.Result> items)
      throws IOException {
    if (token == JsonToken.VALUE_NULL) {
      return; // an empty list
    }
    require(token == JsonToken.START_ARRAY);
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      items.accept(result(trim.read(parser)));
    }
  }

  private static void require(boolean isSo) throws IOException {
    if (!isSo) {
      throw new IOException("the answer is no list with items and a resourceVersion");
    }
  }

  /** Reads a watch. The caller closes its body. */
  Events events(InputStream body) throws IOException {
    JsonParser parser = JSON.createParser(body);
    return sink -> {
      JsonToken token = parser.nextToken();
      if (token == null) {
        return false;
      }
      sink.accept(event(parser, token));
      return true;
    };
  }

  private Event event(JsonParser parser, JsonToken token) throws IOException {
    if (token != JsonToken.START_OBJECT) {
      throw new IOException("the answer is no stream of events");
    }
    String type = "";
    JsonNode object = MissingNode.getInstance();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      if (name.equals("type")) {
        type = parser.getValueAsString("");
      } else if (name.equals("object")) {
        object = trim.read(parser);
      } else {
        parser.skipChildren();
      }
    }
    return new Event(type, object);
  }

  /** What an object is. */
  ObjectReader.Result result(JsonNode object) {
    return reader.read(kind, object);
  }

  /** A small piece of JSON; nothing if it is none. */
  static JsonNode tree(String text) {
    try {
      return MAPPER.readTree(text);
    } catch (IOException e) {
      return MissingNode.getInstance();
    }
  }
}
