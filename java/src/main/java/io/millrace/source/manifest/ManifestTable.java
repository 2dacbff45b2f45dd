// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.manifest;

import io.millrace.model.ClusterObject;
import io.millrace.model.ObjectKey;
import io.millrace.model.Problem;
import io.millrace.source.Change;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The objects of all files together. Of an object that is in several files, the one in the first
 * file by name counts, whatever the order in which the files came.
 */
final class ManifestTable {
  private final TreeMap<String, ManifestFile> files = new TreeMap<>();
  private final TreeMap<String, List<Problem>> faulty = new TreeMap<>();
  private final TreeSet<String> ignoredKinds = new TreeSet<>();
  private final Map<ObjectKey, ClusterObject> inForce = new HashMap<>();

  /** Objects in more than one file, and those files by name. */
  private final TreeMap<ObjectKey, TreeSet<String>> shared = new TreeMap<>();

  /** The file of each object, if it is in one only. */
  private final Map<ObjectKey, String> owners = new HashMap<>();

  @Nullable ManifestFile file(String name) {
    return files.get(name);
  }

  List<String> names() {
    return new ArrayList<>(files.keySet());
  }

  /**
   * Replaces what a file says.
   *
   * @param after null if the file is gone
   * @param changes receives what is different
   */
  void replace(String name, @Nullable ManifestFile after, Consumer<Change> changes) {
    ManifestFile before = after == null ? files.remove(name) : files.put(name, after);
    note(name, after);
    Map<ObjectKey, ClusterObject> old = before == null ? Map.of() : before.objects();
    Map<ObjectKey, ClusterObject> now = after == null ? Map.of() : after.objects();
    for (ObjectKey key : old.keySet()) {
      if (!now.containsKey(key)) {
        disown(key, name);
        publish(key, changes);
      }
    }
    for (ObjectKey key : now.keySet()) {
      if (!old.containsKey(key)) {
        own(key, name);
      }
      publish(key, changes);
    }
  }

  /** Everything that is wrong, in order of files. */
  List<Problem> problems() {
    List<Problem> problems = new ArrayList<>();
    faulty.values().forEach(problems::addAll);
    shared.forEach(
        (key, names) ->
            names
                .tailSet(names.first(), false)
                .forEach(
                    name ->
                        problems.add(
                            new Problem(
                                name,
                                key.toString(),
                                "",
                                "is in " + names.first() + " too; that one is used"))));
    return problems;
  }

  /** Kinds that are none of ours, seen so far. */
  Set<String> ignoredKinds() {
    return ignoredKinds;
  }

  int size() {
    return inForce.size();
  }

  private void note(String name, @Nullable ManifestFile after) {
    if (after == null || after.problems().isEmpty()) {
      faulty.remove(name);
    } else {
      faulty.put(name, after.problems());
    }
    if (after != null) {
      ignoredKinds.addAll(after.ignoredKinds());
    }
  }

  private void own(ObjectKey key, String name) {
    TreeSet<String> several = shared.get(key);
    if (several != null) {
      several.add(name);
      return;
    }
    String other = owners.put(key, name);
    if (other != null) {
      owners.remove(key);
      TreeSet<String> both = new TreeSet<>(List.of(other, name));
      shared.put(key, both);
    }
  }

  private void disown(ObjectKey key, String name) {
    TreeSet<String> several = shared.get(key);
    if (several == null) {
      owners.remove(key);
      return;
    }
    several.remove(name);
    if (several.size() == 1) {
      shared.remove(key);
      owners.put(key, several.first());
    }
  }

  private void publish(ObjectKey key, Consumer<Change> changes) {
    ClusterObject now = winner(key);
    if (now == null) {
      if (inForce.remove(key) != null) {
        changes.accept(Change.remove(key));
      }
    } else if (!now.equals(inForce.put(key, now))) {
      changes.accept(new Change(key, now));
    }
  }

  private @Nullable ClusterObject winner(ObjectKey key) {
    TreeSet<String> several = shared.get(key);
    String name = several == null ? owners.get(key) : several.first();
    ManifestFile file = name == null ? null : files.get(name);
    return file == null ? null : file.objects().get(key);
  }
}
