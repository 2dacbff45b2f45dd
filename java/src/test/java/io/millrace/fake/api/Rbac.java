// SPDX-License-Identifier: Apache-2.0
package io.millrace.fake.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;

/** What the ClusterRoles of a manifest allow, as "verb group/resource". */
public final class Rbac {
  private final TreeSet<String> allowed = new TreeSet<>();

  /** Reads all ClusterRoles of a file. */
  public static Rbac read(Path file) throws IOException {
    Rbac rbac = new Rbac();
    for (ObjectNode object : Json.documents(Files.readString(file))) {
      if (object.path("kind").asText().equals("ClusterRole")) {
        object.path("rules").forEach(rbac::add);
      }
    }
    if (rbac.allowed.isEmpty()) {
      throw new IOException(file + " has no ClusterRole that allows anything");
    }
    return rbac;
  }

  private void add(JsonNode rule) {
    for (JsonNode group : rule.path("apiGroups")) {
      for (JsonNode resource : rule.path("resources")) {
        for (JsonNode verb : rule.path("verbs")) {
          allowed.add(right(verb.asText(), group.asText(), resource.asText()));
        }
      }
    }
  }

  private static String right(String verb, String group, String resource) {
    return verb + " " + group + "/" + resource;
  }

  boolean allows(String verb, ApiResource resource) {
    return allowed.contains(right(verb, resource.group(), resource.plural()));
  }

  /** All rights, sorted. */
  public TreeSet<String> rights() {
    return new TreeSet<>(allowed);
  }
}
