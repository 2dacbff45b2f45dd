// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.manifest;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.millrace.model.ClusterObject;
import io.millrace.source.object.ObjectReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;

/** Reads one document, YAML or JSON, into objects of the model. */
final class ManifestParser {
  private final ObjectReader reader = new ObjectReader(ObjectReader.Mode.STRICT);
  private final ObjectMapper yaml;
  private final ObjectMapper json;

  ManifestParser() {
    LoaderOptions options = new LoaderOptions();
    options.setCodePointLimit(Integer.MAX_VALUE);
    yaml =
        new ObjectMapper(
            YAMLFactory.builder()
                .loaderOptions(options)
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .build());
    json =
        new ObjectMapper(
            JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build());
  }

  /** One document of a file. */
  Outcome parse(Documents.Document document, boolean isJson) {
    Reading reading = new Reading();
    ObjectMapper mapper = isJson ? json : yaml;
    try (JsonParser parser = mapper.getFactory().createParser(document.text())) {
      reading.document(parser);
    } catch (JsonProcessingException e) {
      int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
      String at = line <= 0 ? "" : "line " + (document.firstLine() + line - 1) + ": ";
      reading.broken("", at + gist(e.getOriginalMessage()));
    } catch (IOException e) {
      reading.broken("", String.valueOf(e.getMessage()));
    }
    return reading.outcome(document.hash());
  }

  /** What was being read and what is wrong with it, without excerpts and positions. */
  private static String gist(@Nullable String message) {
    if (message == null) {
      return "cannot be read";
    }
    return message
        .lines()
        .filter(line -> !line.isBlank() && !Character.isWhitespace(line.charAt(0)))
        .limit(2)
        .collect(Collectors.joining(", "));
  }

  /** What has been found so far. */
  private final class Reading {
    private final List<ClusterObject> objects = new ArrayList<>(1);
    private final List<Outcome.Invalid> invalid = new ArrayList<>(0);
    private final List<Outcome.Fault> faults = new ArrayList<>(0);
    private final Set<String> ignored = new HashSet<>(0);
    private boolean broken;

    /**
     * A top-level object, or a list of objects. The elements of {@code items} are taken one by one,
     * since a list may be far larger than the heap that a tree of it would need.
     */
    void document(JsonParser parser) throws IOException {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        broken("", "a manifest is an object with apiVersion, kind and metadata");
        return;
      }
      ObjectNode root = yaml.createObjectNode();
      boolean isList = false;
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        if (parser.nextToken() == JsonToken.START_ARRAY && name.equals("items")) {
          isList = true;
          for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
            object(parser.readValueAsTree(), "items[" + i + "]");
          }
        } else {
          root.set(name, parser.<JsonNode>readValueAsTree());
        }
      }
      if (parser.nextToken() != null) {
        broken("", "there is more after the end of the object");
      }
      if (!isList) {
        object(root, "");
      }
    }

    void object(@Nullable JsonNode node, String place) {
      if (node == null || !node.isObject()) {
        broken(place, "a manifest is an object with apiVersion, kind and metadata");
        return;
      }
      ObjectReader.Result result = reader.read(node);
      if (result instanceof ObjectReader.Good good) {
        objects.add(good.object());
      } else if (result instanceof ObjectReader.Foreign foreign) {
        ignored.add(foreign.kind());
      } else if (result instanceof ObjectReader.Invalid wrong) {
        ObjectReader.Fault fault = wrong.fault();
        invalid.add(
            new Outcome.Invalid(
                wrong.key(), new Outcome.Fault(fault.field(), fault.reason()), wrong.standIn()));
      } else if (result instanceof ObjectReader.Broken unknown) {
        String field = unknown.fault().field();
        broken(place.isEmpty() ? field : place + "." + field, unknown.fault().reason());
      }
    }

    void broken(String field, String reason) {
      broken = true;
      faults.add(new Outcome.Fault(field, reason));
    }

    Outcome outcome(long hash) {
      return new Outcome(hash, objects, invalid, broken, faults, ignored);
    }
  }
}
