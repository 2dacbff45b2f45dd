// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import io.millrace.model.Problem;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an operator has to mend, by who says so. Problems are logged as they come and go, at a
 * bounded rate; all of them are in {@code status}.
 */
final class ProblemBoard {
  private static final Logger log = LoggerFactory.getLogger(ProblemBoard.class);

  private static final int LOGGED_PER_WINDOW = 20;

  private final LogLimit limit;
  private final Map<String, List<Problem>> bySource = new TreeMap<>();
  private volatile Consumer<Entry> listener = entry -> {};

  ProblemBoard(LongSupplier clockNs) {
    limit =
        new LogLimit(
            LOGGED_PER_WINDOW,
            () -> log.warn("more problems come and go and are not logged: see `millrace status`"),
            clockNs);
  }

  /** A problem and who says so. */
  record Entry(String source, Problem problem) {}

  /** From now on {@code listener} hears of each new problem. It must not wait. */
  void onNew(Consumer<Entry> newListener) {
    listener = newListener;
  }

  /** All that is wrong by {@code source} now; replaces what it said before. */
  void set(String source, List<Problem> problems) {
    replace(source, problems).forEach(problem -> listener.accept(new Entry(source, problem)));
  }

  /** Returns those that are new. */
  private synchronized Set<Problem> replace(String source, List<Problem> problems) {
    List<Problem> before = bySource.getOrDefault(source, List.of());
    if (problems.equals(before)) {
      return Set.of();
    }
    Set<Problem> added = without(problems, before);
    added.forEach(problem -> limit.write(() -> log.warn("problem source={} {}", source, problem)));
    without(before, problems)
        .forEach(problem -> limit.write(() -> log.info("mended source={} {}", source, problem)));
    bySource.put(source, List.copyOf(problems));
    return added;
  }

  private static Set<Problem> without(List<Problem> problems, List<Problem> others) {
    Set<Problem> rest = new LinkedHashSet<>(problems);
    others.forEach(rest::remove);
    return rest;
  }

  /** At most {@code limit} of them, in a stable order. */
  synchronized List<Entry> list(int limit) {
    List<Entry> entries = new ArrayList<>();
    bySource.forEach(
        (source, problems) ->
            problems.stream()
                .limit(limit - (long) entries.size())
                .forEach(problem -> entries.add(new Entry(source, problem))));
    return entries;
  }

  synchronized int count() {
    return bySource.values().stream().mapToInt(List::size).sum();
  }
}
