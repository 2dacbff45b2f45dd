// SPDX-License-Identifier: Apache-2.0
package io.millrace.fake.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a folder of manifests the objects of the server, as kubectl apply --prune would, and
 * follows it. Files are to be put in place by a rename.
 */
final class ManifestFeed implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(ManifestFeed.class);

  private final Path folder;
  private final ApiStore store;
  private final WatchService events;
  private final Map<Path, String> stamps = new HashMap<>();
  private final Map<Path, Map<ApiPath, ObjectNode>> files = new HashMap<>();

  /** Takes in what is there now. */
  ManifestFeed(Path folder, ApiStore store) throws IOException {
    this.folder = folder;
    this.store = store;
    events = folder.getFileSystem().newWatchService();
    folder.register(
        events,
        StandardWatchEventKinds.ENTRY_CREATE,
        StandardWatchEventKinds.ENTRY_MODIFY,
        StandardWatchEventKinds.ENTRY_DELETE);
    scan();
  }

  /** Follows the folder for ever. */
  @Override
  public void run() {
    try {
      while (true) {
        WatchKey key = events.take();
        key.pollEvents();
        key.reset();
        scan();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      log.error("cannot read {}", folder, e);
    }
  }

  private void scan() throws IOException {
    Map<Path, String> found = new TreeMap<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, "[!.]*.yaml")) {
      for (Path file : entries) {
        BasicFileAttributes a = Files.readAttributes(file, BasicFileAttributes.class);
        found.put(file, a.fileKey() + " " + a.lastModifiedTime().toMillis() + " " + a.size());
      }
    } catch (NoSuchFileException e) {
      return; // One went while we looked; its event brings us back.
    }
    for (Map.Entry<Path, String> file : found.entrySet()) {
      if (!file.getValue().equals(stamps.put(file.getKey(), file.getValue()))) {
        replace(file.getKey(), read(file.getKey()));
      }
    }
    for (Path gone : stamps.keySet().toArray(Path[]::new)) {
      if (!found.containsKey(gone)) {
        stamps.remove(gone);
        replace(gone, Map.of());
      }
    }
  }

  private static Map<ApiPath, ObjectNode> read(Path file) throws IOException {
    Map<ApiPath, ObjectNode> objects = new LinkedHashMap<>();
    for (ObjectNode object : Json.documents(Files.readString(file))) {
      String kind = object.path("kind").asText();
      ApiResource resource = ApiResource.of(object.path("apiVersion").asText(), kind);
      if (resource == null) {
        log.warn("{}: this server has no objects of kind {}", file, kind);
        continue;
      }
      String namespace = object.at("/metadata/namespace").asText("");
      objects.put(
          new ApiPath(
              resource,
              resource.namespaced() && namespace.isEmpty() ? "default" : namespace,
              object.at("/metadata/name").asText()),
          object);
    }
    return objects;
  }

  private void replace(Path file, Map<ApiPath, ObjectNode> next) {
    Map<ApiPath, ObjectNode> last = files.getOrDefault(file, Map.of());
    next.forEach(
        (path, object) -> {
          if (!object.equals(last.get(path))) {
            store.put(path.resource(), object.deepCopy());
          }
        });
    files.put(file, next);
    for (ApiPath path : last.keySet()) {
      if (files.values().stream().noneMatch(objects -> objects.containsKey(path))) {
        store.delete(path.resource(), path.namespace(), path.name());
      }
    }
  }
}
