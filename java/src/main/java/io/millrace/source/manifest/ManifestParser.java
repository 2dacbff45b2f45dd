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
import io.millrace.model.ObjectKey;
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
  private final Interner names = new Interner();
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
    private final List<ObjectKey> invalid = new ArrayList<>(0);
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
      ObjectKey key = null;
      try {
        Field root = Field.root(node);
        ObjectKey.Kind kind = kind(root);
        if (kind != null) {
          key = key(kind, root);
          ClusterObject object = read(kind, root);
          if (object != null) {
            objects.add(object);
          }
        }
      } catch (FieldException e) {
        if (key == null) {
          broken(place.isEmpty() ? e.path() : place + "." + e.path(), e.reason());
        } else {
          invalid.add(key);
          faults.add(new Outcome.Fault(key.toString(), e.path(), e.reason()));
        }
      }
    }

    private ObjectKey.@Nullable Kind kind(Field root) throws FieldException {
      String name = root.get("kind").requiredText();
      String version = root.get("apiVersion").requiredText();
      ObjectKey.Kind kind =
          switch (version + " " + name) {
            case "v1 Service" -> ObjectKey.Kind.SERVICE;
            case "discovery.k8s.io/v1 EndpointSlice" -> ObjectKey.Kind.SLICE;
            case "v1 Pod" -> ObjectKey.Kind.POD;
            case "v1 Node" -> ObjectKey.Kind.NODE;
            case "v1 Namespace" -> ObjectKey.Kind.NAMESPACE;
            default -> null;
          };
      if (kind == null) {
        ignored.add(version + " " + name);
      }
      return kind;
    }

    private ObjectKey key(ObjectKey.Kind kind, Field root) throws FieldException {
      boolean global = kind == ObjectKey.Kind.NODE || kind == ObjectKey.Kind.NAMESPACE;
      return new ObjectKey(kind, global ? "" : names.of(Meta.namespace(root)), Meta.name(root));
    }

    private @Nullable ClusterObject read(ObjectKey.Kind kind, Field root) throws FieldException {
      return switch (kind) {
        case SERVICE -> ServiceReader.read(root, names);
        case SLICE -> SliceReader.read(root, names);
        case POD -> PodReader.read(root, names);
        case NODE -> OtherReaders.node(root);
        case NAMESPACE -> OtherReaders.namespace(root);
        case HOST -> null;
      };
    }

    void broken(String field, String reason) {
      broken = true;
      faults.add(new Outcome.Fault("", field, reason));
    }

    Outcome outcome(long hash) {
      return new Outcome(hash, objects, invalid, broken, faults, ignored);
    }
  }
}
