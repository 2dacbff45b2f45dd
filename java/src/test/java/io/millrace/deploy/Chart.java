// SPDX-License-Identifier: Apache-2.0
package io.millrace.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The chart, rendered by Helm: a Go library that takes the JVM's signal handlers, so that tests
 * with it have the tag {@code chart} and a JVM of their own.
 */
public final class Chart {
  static final Path FOLDER = Path.of("deploy/chart/millrace");
  static final String NAMESPACE = "kube-system";

  /** What has no default. */
  static final String LEAST = "apiServer: https://192.0.2.10:6443\n";

  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

  private Chart() {}

  static LintResult lint() {
    return new Helm(FOLDER).lint().strict().call();
  }

  /**
   * The manifests, as text.
   *
   * @throws IllegalStateException if Helm refuses the values; says why
   */
  static String text(String values, String kubeVersion) {
    try {
      Path file = Files.createTempFile("values", ".yaml");
      try {
        Files.writeString(file, values);
        return new Helm(FOLDER)
            .template()
            .withName("millrace")
            .withNamespace(NAMESPACE)
            .withKubeVersion(kubeVersion)
            .withValuesFile(file)
            .call();
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String text(String values) {
    return text(values, "1.34.0");
  }

  /** The objects that {@link #text} describes. */
  static List<JsonNode> objects(String text) {
    try (var documents = YAML.readerFor(JsonNode.class).<JsonNode>readValues(text)) {
      List<JsonNode> objects = new ArrayList<>();
      while (documents.hasNext()) {
        JsonNode object = documents.next();
        if (object != null && !object.isNull() && !object.isMissingNode()) {
          objects.add(object);
        }
      }
      return objects;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The only object of this kind that these values make. */
  static JsonNode object(String values, String kind) {
    List<JsonNode> found =
        objects(text(values)).stream().filter(o -> o.path("kind").asText().equals(kind)).toList();
    if (found.size() != 1) {
      throw new AssertionError(found.size() + " objects of kind " + kind);
    }
    return found.get(0);
  }

  /** What the agent is started with. */
  public static List<String> arguments(String values) {
    List<String> arguments = new ArrayList<>();
    object(LEAST + values, "DaemonSet")
        .at("/spec/template/spec/containers/0/args")
        .forEach(argument -> arguments.add(argument.asText()));
    return arguments;
  }

  /** The flags that {@code flags} of the values may hold. */
  public static List<String> flags() {
    try {
      List<String> names = new ArrayList<>();
      new ObjectMapper()
          .readTree(FOLDER.resolve("values.schema.json").toFile())
          .at("/properties/flags/properties")
          .fieldNames()
          .forEachRemaining(names::add);
      return names;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
