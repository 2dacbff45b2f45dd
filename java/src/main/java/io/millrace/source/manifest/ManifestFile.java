// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.manifest;

import io.millrace.model.ClusterObject;
import io.millrace.model.ObjectKey;
import io.millrace.model.Problem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A file as it was read last: its documents, and the objects that count. Immutable. */
final class ManifestFile {
  private static final ManifestFile NOTHING =
      new ManifestFile(List.of(), Map.of(), Set.of(), List.of());

  private final List<Outcome> documents;
  private final Map<ObjectKey, ClusterObject> objects;

  /** Those of the objects of which no good version is known. */
  private final Set<ObjectKey> standIns;

  private final List<Problem> problems;

  private ManifestFile(
      List<Outcome> documents,
      Map<ObjectKey, ClusterObject> objects,
      Set<ObjectKey> standIns,
      List<Problem> problems) {
    this.documents = documents;
    this.objects = objects;
    this.standIns = standIns;
    this.problems = problems;
  }

  /**
   * Reads the text of a file. A document that did not change is not parsed again; an object that is
   * wrong now stays as it was; and where it cannot be told what a document says, nothing that was
   * in the file before goes.
   */
  static ManifestFile read(
      String name, String text, @Nullable ManifestFile before, ManifestParser parser) {
    boolean isJson = name.endsWith(".json");
    Map<Long, Outcome> known = new HashMap<>();
    if (before != null) {
      before.documents.forEach(outcome -> known.put(outcome.hash(), outcome));
    }
    List<Outcome> outcomes = new ArrayList<>();
    List<Documents.Document> documents = isJson ? Documents.whole(text) : Documents.split(text);
    for (Documents.Document document : documents) {
      Outcome same = known.get(document.hash());
      outcomes.add(same != null ? same : parser.parse(document, isJson));
    }
    return merge(name, outcomes, before == null ? NOTHING : before);
  }

  /** A file whose text cannot be had; its objects stay. */
  static ManifestFile unreadable(String name, String reason, @Nullable ManifestFile before) {
    ManifestFile kept = before == null ? NOTHING : before;
    return new ManifestFile(
        kept.documents, kept.objects, kept.standIns, List.of(new Problem(name, "", "", reason)));
  }

  Map<ObjectKey, ClusterObject> objects() {
    return objects;
  }

  List<Problem> problems() {
    return problems;
  }

  /** Kinds in this file that are none of ours. */
  Set<String> ignoredKinds() {
    Set<String> kinds = new TreeSet<>();
    documents.forEach(document -> kinds.addAll(document.ignored()));
    return kinds;
  }

  private static ManifestFile merge(String name, List<Outcome> outcomes, ManifestFile before) {
    Map<ObjectKey, ClusterObject> objects = new LinkedHashMap<>();
    List<Problem> problems = new ArrayList<>(0);
    boolean broken = false;
    for (int i = 0; i < outcomes.size(); i++) {
      Outcome outcome = outcomes.get(i);
      String origin = name + " document " + (i + 1);
      for (ClusterObject object : outcome.objects()) {
        addFirst(objects, object, before.objects, origin, problems);
      }
      for (Outcome.Invalid invalid : outcome.invalid()) {
        problems.add(problem(origin, invalid, before));
      }
      for (Outcome.Fault fault : outcome.faults()) {
        problems.add(new Problem(origin, "", fault.field(), fault.reason()));
      }
      broken |= outcome.broken();
    }
    Set<ObjectKey> standIns = new HashSet<>(0);
    for (Outcome outcome : outcomes) {
      for (Outcome.Invalid invalid : outcome.invalid()) {
        addInvalid(objects, standIns, invalid, before);
      }
    }
    if (broken) {
      before.objects.forEach(
          (key, last) -> {
            if (objects.putIfAbsent(key, last) == null && before.standIns.contains(key)) {
              standIns.add(key);
            }
          });
    }
    return new ManifestFile(List.copyOf(outcomes), objects, standIns, List.copyOf(problems));
  }

  private static Problem problem(String origin, Outcome.Invalid invalid, ManifestFile before) {
    ObjectKey key = invalid.key();
    String effect =
        before.goodVersion(key) != null
            ? "its last good version stays"
            : invalid.standIn() == null
                ? "it is not served"
                : "it allows nothing to the pods it selects";
    Outcome.Fault fault = invalid.fault();
    return new Problem(origin, key.toString(), fault.field(), fault.reason() + "; " + effect);
  }

  /** The last good version of an object that is wrong now, or what stands in for it. */
  private static void addInvalid(
      Map<ObjectKey, ClusterObject> objects,
      Set<ObjectKey> standIns,
      Outcome.Invalid invalid,
      ManifestFile before) {
    ObjectKey key = invalid.key();
    ClusterObject good = before.goodVersion(key);
    ClusterObject standIn = invalid.standIn();
    if (good != null) {
      objects.putIfAbsent(key, good);
    } else if (standIn != null && objects.putIfAbsent(key, standIn) == null) {
      standIns.add(key);
    }
  }

  private @Nullable ClusterObject goodVersion(ObjectKey key) {
    return standIns.contains(key) ? null : objects.get(key);
  }

  /** Adds an object, as the same reference as before if it is equal. */
  private static void addFirst(
      Map<ObjectKey, ClusterObject> objects,
      ClusterObject object,
      Map<ObjectKey, ClusterObject> before,
      String origin,
      List<Problem> problems) {
    ObjectKey key = object.key();
    ClusterObject last = before.get(key);
    ClusterObject kept = object.equals(last) ? last : object;
    if (objects.putIfAbsent(key, kept) != null) {
      problems.add(
          new Problem(
              origin, key.toString(), "", "is in an earlier document too; that one is used"));
    }
  }
}
