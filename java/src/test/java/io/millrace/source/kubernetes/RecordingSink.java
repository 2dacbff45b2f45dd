// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.model.ClusterObject;
import io.millrace.model.ObjectKey;
import io.millrace.model.Problem;
import io.millrace.source.Change;
import io.millrace.source.ObjectSink;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** What a source has said so far. */
final class RecordingSink implements ObjectSink {
  private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(20);

  private final Map<ObjectKey, ClusterObject> objects = new TreeMap<>();
  private final List<ObjectKey> removed = new ArrayList<>();
  private List<Problem> problems = List.of();
  private int synced;

  @Override
  public synchronized void offer(Change change) {
    ClusterObject object = change.object();
    if (object == null) {
      objects.remove(change.key());
      removed.add(change.key());
    } else {
      objects.put(change.key(), object);
    }
    notifyAll();
  }

  @Override
  public synchronized void synced(String source) {
    assertThat(source).isEqualTo(KubernetesSource.NAME);
    synced++;
    notifyAll();
  }

  @Override
  public synchronized void problems(String source, List<Problem> now) {
    problems = now;
    notifyAll();
  }

  /** The names of the objects of a kind, sorted. */
  synchronized TreeSet<String> names(ObjectKey.Kind kind) {
    TreeSet<String> names = new TreeSet<>();
    objects.keySet().stream()
        .filter(key -> key.kind() == kind)
        .forEach(key -> names.add(key.name()));
    return names;
  }

  synchronized @Nullable ClusterObject get(ObjectKey key) {
    return objects.get(key);
  }

  /** What was ever taken away, by name. */
  synchronized List<String> removed() {
    return removed.stream().map(ObjectKey::name).toList();
  }

  synchronized String problems() {
    return problems.toString();
  }

  synchronized int synced() {
    return synced;
  }

  /** Waits until it is so; what it asks must change with what was said. */
  synchronized void await(BooleanSupplier condition) throws InterruptedException {
    long endNs = System.nanoTime() + PATIENCE_NS;
    while (!condition.getAsBoolean()) {
      long leftMs = TimeUnit.NANOSECONDS.toMillis(endNs - System.nanoTime());
      assertThat(leftMs).as("what was said: %s, %s", objects.keySet(), problems).isPositive();
      wait(leftMs);
    }
  }
}
