// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What a kubeconfig says beyond what the client library reads: whether it is whole, and where the
 * token lies that is renewed in place.
 *
 * @param tokenFile null if it names none
 */
record Kubeconfig(String server, @Nullable Path tokenFile) {
  static Kubeconfig read(Path file) throws IOException {
    JsonNode root = tree(file);
    String context = root.path("current-context").asText("");
    if (context.isEmpty()) {
      throw new IOException(file + " has no current-context: set one");
    }
    JsonNode chosen = named(file, root, "contexts", context).path("context");
    JsonNode cluster = named(file, root, "clusters", chosen.path("cluster").asText(""));
    String server = cluster.path("cluster").path("server").asText("");
    if (server.isEmpty()) {
      throw new IOException(file + ": the cluster of context " + context + " names no server");
    }
    String user = chosen.path("user").asText("");
    JsonNode who = user.isEmpty() ? chosen : named(file, root, "users", user).path("user");
    String token = who.path("tokenFile").asText("");
    return new Kubeconfig(server, token.isEmpty() ? null : file.resolveSibling(token));
  }

  private static JsonNode tree(Path file) throws IOException {
    try {
      return new YAMLMapper().readTree(file.toFile());
    } catch (NoSuchFileException | java.io.FileNotFoundException e) {
      throw new IOException(file + " is not there", e);
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new IOException(file + " is no kubeconfig: " + e.getOriginalMessage(), e);
    }
  }

  private static JsonNode named(Path file, JsonNode root, String list, String name)
      throws IOException {
    for (JsonNode each : root.path(list)) {
      if (each.path("name").asText("").equals(name)) {
        return each;
      }
    }
    throw new IOException(file + " has none of the name \"" + name + "\" among its " + list);
  }
}
