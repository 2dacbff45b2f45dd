// SPDX-License-Identifier: Apache-2.0
package io.millrace.fake.policy;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.model.ClusterDelta;
import io.millrace.model.ClusterImage;
import io.millrace.model.ClusterObject;
import io.millrace.source.object.ObjectReader;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** A cluster's Pods, Namespaces and NetworkPolicies as the API shows them. */
public final class World {
  private final Map<String, JsonNode> objects = new LinkedHashMap<>();
  private final ObjectReader reader = new ObjectReader(ObjectReader.Mode.STRICT);
  private List<JsonNode> changed = new ArrayList<>();
  private ClusterImage image = ClusterImage.EMPTY;
  private final UnaryOperator<ClusterObject> seen;

  public World() {
    this(object -> object);
  }

  /**
   * @param seen what the agent makes of an object that it reads
   */
  public World(UnaryOperator<ClusterObject> seen) {
    this.seen = seen;
  }

  /** An object that is new or different. */
  public void put(JsonNode object) {
    objects.put(key(object), object);
    changed.add(object);
  }

  /** An object is gone; not having been there is no error. */
  public void remove(JsonNode object) {
    if (objects.remove(key(object)) != null) {
      changed.add(object);
    }
  }

  private static String key(JsonNode object) {
    return object.path("kind").asText()
        + " "
        + object.at("/metadata/namespace").asText()
        + "/"
        + object.at("/metadata/name").asText();
  }

  /** All objects of a kind. */
  public Collection<JsonNode> all(String kind) {
    return objects.values().stream()
        .filter(object -> object.path("kind").asText().equals(kind))
        .toList();
  }

  /** The image that the agent had last. */
  public ClusterImage image() {
    return image;
  }

  /** Lets the agent read what has changed since it did last. */
  public ClusterDelta read() {
    ClusterDelta delta = new ClusterDelta(image);
    for (JsonNode object : changed) {
      ObjectReader.Result result = reader.read(object);
      boolean there = objects.get(key(object)) != null;
      if (result instanceof ObjectReader.Good good) {
        delta.change(good.object().key(), there ? seen.apply(good.object()) : null);
      } else if (result instanceof ObjectReader.Nothing nothing) {
        delta.remove(nothing.key());
      } else {
        throw new IllegalArgumentException(result + " of " + object);
      }
    }
    changed = new ArrayList<>();
    image = delta.apply();
    return delta;
  }
}
