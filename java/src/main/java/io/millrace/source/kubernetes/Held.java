// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.kubernetes;

import io.millrace.model.ClusterObject;
import io.millrace.model.ObjectKey;
import io.millrace.model.Problem;
import io.millrace.source.Change;
import io.millrace.source.object.ObjectReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one resource. Only a complete list or the server's word that an object is
 * deleted removes anything; what a list brought that broke off is forgotten.
 *
 * <p>What equals what is held is not offered: heartbeats of nodes and lists that bring nothing new
 * cost nobody anything.
 */
final class Held {
  private static final int MAX_PROBLEMS = 1000;
  private static final String STAYS = "; its last good version stays";
  private static final String NOT_SERVED = "; it is not served";
  private static final String CLOSED = "; it allows nothing to the pods it selects";

  private final Consumer<Change> changes;
  private final Map<ObjectKey, Entry> entries = new HashMap<>();
  private final TreeMap<ObjectKey, List<Problem>> faults = new TreeMap<>();

  /** The list that is being read: its differences, and what is wrong with its objects. */
  private final Map<ObjectKey, ClusterObject> listed = new LinkedHashMap<>();

  /** Those of the list that stand in for what cannot be read. */
  private final Set<ObjectKey> listedStandIns = new HashSet<>();

  private final TreeMap<ObjectKey, List<Problem>> listedFaults = new TreeMap<>();
  private boolean nameless;
  private int mark;

  private boolean complete;

  /** An object, and the last list that it was in. */
  private static final class Entry {
    private ClusterObject object;
    private int mark;

    /** No good version of it has been seen. */
    private boolean standIn;

    Entry(ClusterObject object, int mark) {
      this.object = object;
      this.mark = mark;
    }
  }

  /**
   * @param changes receives what is new
   */
  Held(Consumer<Change> changes) {
    this.changes = changes;
  }

  /** Whether a list has been complete. */
  boolean isComplete() {
    return complete;
  }

  int size() {
    return entries.size();
  }

  /** A list begins; one that was not finished never was. */
  void begin() {
    mark++;
    listed.clear();
    listedStandIns.clear();
    listedFaults.clear();
    nameless = false;
  }

  /** An object of the list. */
  void list(ObjectReader.Result result) {
    if (result instanceof ObjectReader.Good good) {
      ObjectKey key = good.object().key();
      Entry entry = entries.get(key);
      if (entry != null && entry.object.equals(good.object())) {
        entry.mark = mark;
        entry.standIn = false;
        listed.remove(key);
      } else {
        listed.put(key, good.object());
      }
      listedStandIns.remove(key);
      note(listedFaults, key, leftOut(key, good));
    } else if (result instanceof ObjectReader.Invalid invalid) {
      Entry entry = entries.get(invalid.key());
      if (entry != null && !entry.standIn) {
        entry.mark = mark;
      } else if (invalid.standIn() != null) {
        listed.put(invalid.key(), invalid.standIn());
        listedStandIns.add(invalid.key());
      }
      note(listedFaults, invalid.key(), List.of(problem(invalid, isKnown(entry))));
    } else if (result instanceof ObjectReader.Broken) {
      nameless = true;
    }
  }

  /**
   * A page of the list is complete. The first list counts page by page: nothing is in force yet,
   * and the heap need not hold it twice.
   */
  void page() {
    if (!complete) {
      takeListed();
    }
  }

  /** The list is complete: what it did not have is gone. */
  void commit() {
    takeListed();
    if (!nameless) {
      List<ObjectKey> gone = new ArrayList<>();
      entries.forEach(
          (key, entry) -> {
            if (entry.mark != mark) {
              gone.add(key);
            }
          });
      gone.forEach(this::remove);
    }
    faults.clear();
    faults.putAll(listedFaults);
    listedFaults.clear();
    complete = true;
  }

  private void takeListed() {
    listed.forEach((key, object) -> put(key, object, listedStandIns.contains(key)));
    listed.clear();
    listedStandIns.clear();
  }

  /** An object is as it is now. */
  void put(ObjectReader.Result result) {
    if (result instanceof ObjectReader.Good good) {
      ObjectKey key = good.object().key();
      put(key, good.object(), false);
      note(faults, key, leftOut(key, good));
    } else if (result instanceof ObjectReader.Invalid invalid) {
      boolean known = isKnown(entries.get(invalid.key()));
      if (!known && invalid.standIn() != null) {
        put(invalid.key(), invalid.standIn(), true);
      }
      note(faults, invalid.key(), List.of(problem(invalid, known)));
    } else {
      delete(result);
    }
  }

  /** An object is gone. */
  void delete(ObjectReader.Result result) {
    ObjectKey key = key(result);
    if (key != null) {
      remove(key);
      faults.remove(key);
    }
  }

  /** What is wrong with the objects. */
  List<Problem> problems() {
    List<Problem> problems = new ArrayList<>();
    for (List<Problem> each : faults.values()) {
      if (problems.size() >= MAX_PROBLEMS) {
        break;
      }
      problems.addAll(each);
    }
    return problems;
  }

  private void put(ObjectKey key, ClusterObject object, boolean standIn) {
    Entry entry = entries.get(key);
    if (entry == null) {
      entry = new Entry(object, mark);
      entries.put(key, entry);
      changes.accept(Change.put(object));
    } else if (!entry.object.equals(object)) {
      entry.object = object;
      changes.accept(Change.put(object));
    }
    entry.mark = mark;
    entry.standIn = standIn;
  }

  /** Whether a good version of it has been seen. */
  private static boolean isKnown(@Nullable Entry entry) {
    return entry != null && !entry.standIn;
  }

  private void remove(ObjectKey key) {
    if (entries.remove(key) != null) {
      changes.accept(Change.remove(key));
    }
  }

  private static void note(
      Map<ObjectKey, List<Problem>> into, ObjectKey key, List<Problem> problems) {
    if (problems.isEmpty()) {
      into.remove(key);
    } else {
      into.put(key, problems);
    }
  }

  private static List<Problem> leftOut(ObjectKey key, ObjectReader.Good good) {
    return good.leftOut().stream()
        .map(fault -> new Problem("", key.toString(), fault.field(), fault.reason() + "; left out"))
        .toList();
  }

  private static Problem problem(ObjectReader.Invalid invalid, boolean known) {
    ObjectReader.Fault fault = invalid.fault();
    String effect = known ? STAYS : invalid.standIn() == null ? NOT_SERVED : CLOSED;
    return new Problem("", invalid.key().toString(), fault.field(), fault.reason() + effect);
  }

  private static @Nullable ObjectKey key(ObjectReader.Result result) {
    if (result instanceof ObjectReader.Good good) {
      return good.object().key();
    }
    if (result instanceof ObjectReader.Invalid invalid) {
      return invalid.key();
    }
    return result instanceof ObjectReader.Nothing nothing ? nothing.key() : null;
  }
}
