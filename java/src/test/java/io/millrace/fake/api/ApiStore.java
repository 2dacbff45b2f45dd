// SPDX-License-Identifier: Apache-2.0
package io.millrace.fake.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The objects, what has happened to them lately, and one counter of versions for all. Callable from
 * any thread.
 */
public final class ApiStore {
  private static final long FIRST_VERSION = 1000;

  private final int historyLimit;
  private final Map<ApiResource, NavigableMap<String, ApiObject>> objects =
      new EnumMap<>(ApiResource.class);
  private final Map<ApiResource, NavigableMap<Long, Change>> history =
      new EnumMap<>(ApiResource.class);
  private final Map<ApiResource, Long> forgotten = new EnumMap<>(ApiResource.class);
  private long version = FIRST_VERSION;
  private Runnable listener = () -> {};

  /**
   * One change of one object.
   *
   * @param before null if it came
   * @param after null if it went
   * @param told the object as it is told: the new one, or what has gone with the version of its end
   */
  record Change(
      long version, @Nullable ApiObject before, @Nullable ApiObject after, ApiObject told) {}

  /** The objects of a resource at one moment. */
  record Snapshot(long version, List<ApiObject> objects) {}

  /** The objects of one moment: see {@link ApiStore#restore}. */
  public record Saved(
      long version, Map<ApiResource, ? extends NavigableMap<String, ApiObject>> objects) {}

  /**
   * An empty one.
   *
   * @param historyLimit how many changes of each resource are remembered for watches
   */
  ApiStore(int historyLimit) {
    this.historyLimit = historyLimit;
    for (ApiResource resource : ApiResource.values()) {
      objects.put(resource, new TreeMap<>());
      history.put(resource, new TreeMap<>());
      forgotten.put(resource, FIRST_VERSION);
    }
  }

  synchronized void onChange(Runnable newListener) {
    listener = newListener;
  }

  public synchronized long version() {
    return version;
  }

  /**
   * Creates or replaces objects.
   *
   * @param text YAML or JSON, one or more documents
   * @return the version after that
   */
  public long put(String text) {
    try {
      Json.documents(text).forEach(this::put);
      return version();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Creates or replaces an object; takes the tree over. */
  ApiObject put(ObjectNode object) {
    String kind = object.path("kind").asText();
    ApiResource resource = ApiResource.of(object.path("apiVersion").asText(), kind);
    if (resource == null) {
      throw new IllegalArgumentException("this server has no objects of kind " + kind);
    }
    return put(resource, object);
  }

  ApiObject put(ApiResource resource, ObjectNode object) {
    ApiObject put = store(resource, object);
    listener.run();
    return put;
  }

  private synchronized ApiObject store(ApiResource resource, ObjectNode object) {
    ObjectNode metadata = object.withObject("/metadata");
    if (resource.namespaced() && !metadata.has("namespace")) {
      metadata.put("namespace", "default");
    }
    String key = metadata.path("namespace").asText() + "/" + metadata.path("name").asText();
    ApiObject before = table(resource).get(key);
    long next = ++version;
    if (!metadata.has("uid")) {
      metadata.put("uid", uid(resource, key, before, next));
    }
    if (!metadata.has("creationTimestamp")) {
      metadata.put("creationTimestamp", "2026-01-01T00:00:00Z");
    }
    ApiObject after = ApiObject.of(resource, object, next);
    table(resource).put(key, after);
    remember(resource, new Change(next, before, after, after));
    return after;
  }

  private static String uid(
      ApiResource resource, String key, @Nullable ApiObject before, long next) {
    return before != null
        ? before.tree().at("/metadata/uid").asText()
        : UUID.nameUUIDFromBytes((resource + key + next).getBytes(StandardCharsets.UTF_8))
            .toString();
  }

  /** Changes one object. False if it is not there. */
  public boolean change(
      ApiResource resource, String namespace, String name, Consumer<ObjectNode> edit) {
    synchronized (this) {
      ApiObject before = get(resource, namespace, name);
      if (before == null) {
        return false;
      }
      ObjectNode tree = before.tree();
      edit.accept(tree);
      store(resource, tree);
    }
    listener.run();
    return true;
  }

  /** False if it is not there. */
  public boolean delete(ApiResource resource, String namespace, String name) {
    synchronized (this) {
      ApiObject before = table(resource).remove(namespace + "/" + name);
      if (before == null) {
        return false;
      }
      long next = ++version;
      remember(resource, new Change(next, before, null, before.at(next)));
    }
    listener.run();
    return true;
  }

  synchronized @Nullable ApiObject get(ApiResource resource, String namespace, String name) {
    return table(resource).get(namespace + "/" + name);
  }

  /** All objects of a resource, by namespace and name. */
  synchronized Snapshot snapshot(ApiResource resource) {
    return new Snapshot(version, List.copyOf(table(resource).values()));
  }

  /** The same as trees, each of which is the caller's. */
  public List<JsonNode> trees(ApiResource resource) {
    return snapshot(resource).objects().stream().<JsonNode>map(ApiObject::tree).toList();
  }

  public synchronized int count(ApiResource resource) {
    return table(resource).size();
  }

  /** The next change after a version, if there was one. Only for versions that are remembered. */
  synchronized @Nullable Change next(ApiResource resource, long after) {
    Map.Entry<Long, Change> entry = changes(resource).higherEntry(after);
    return entry == null ? null : entry.getValue();
  }

  /** Whether everything that happened after a version is still known. */
  synchronized boolean remembers(ApiResource resource, long after) {
    return after >= forgotten.getOrDefault(resource, 0L);
  }

  /** Forgets what has happened: a watch or a page from before finds 410 Gone. */
  public synchronized void compact() {
    ++version;
    history.values().forEach(Map::clear);
    forgotten.replaceAll((resource, old) -> version);
  }

  /** What is here now. */
  public synchronized Saved save() {
    Map<ApiResource, TreeMap<String, ApiObject>> copy = new EnumMap<>(ApiResource.class);
    objects.forEach((resource, table) -> copy.put(resource, new TreeMap<>(table)));
    return new Saved(version, copy);
  }

  /**
   * Goes back, version included: a server that had not heard of the latest changes. Open watches
   * are told nothing; end them.
   */
  public synchronized void restore(Saved saved) {
    version = saved.version;
    for (ApiResource resource : ApiResource.values()) {
      NavigableMap<String, ApiObject> table = saved.objects.get(resource);
      objects.put(resource, table == null ? new TreeMap<>() : new TreeMap<>(table));
      changes(resource).clear();
      forgotten.put(resource, version);
    }
  }

  private void remember(ApiResource resource, Change change) {
    NavigableMap<Long, Change> changes = changes(resource);
    changes.put(change.version, change);
    if (changes.size() > historyLimit) {
      forgotten.put(resource, changes.firstKey());
      changes.remove(changes.firstKey());
    }
  }

  private NavigableMap<String, ApiObject> table(ApiResource resource) {
    return Objects.requireNonNull(objects.get(resource));
  }

  private NavigableMap<Long, Change> changes(ApiResource resource) {
    return Objects.requireNonNull(history.get(resource));
  }
}
