// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.kubernetes;

import static io.millrace.source.kubernetes.ApiObjects.service;

import io.millrace.source.Change;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/** A reflector, a server that does as it is told, and what became of it. */
abstract class ReflectorFixture {
  static final String A = service("a", 5, "10.0.0.1");
  static final String B = service("b", 6, "10.0.0.2");
  static final Duration MINUTES = Duration.ofMinutes(5);

  final FakeClock clock = new FakeClock();
  final ScriptedApi api = new ScriptedApi(clock);
  final List<Change> changes = new ArrayList<>();
  final Progress progress = new Progress(Resource.SERVICES, clock, () -> {});
  int synced;

  /** Follows services until the script is at its end. */
  final void run() {
    ApiTimings timings = ApiTimings.DEFAULT;
    new Reflector(
            new ResourceApi(Resource.SERVICES, api, timings),
            new Held(changes::add),
            progress,
            clock,
            new Random(1),
            () -> synced++)
        .run();
  }

  /** The names of what is there after all changes. */
  final Set<String> there() {
    Set<String> names = new TreeSet<>();
    for (Change change : changes) {
      if (change.object() == null) {
        names.remove(change.key().name());
      } else {
        names.add(change.key().name());
      }
    }
    return names;
  }

  /** What was asked for: {@code L} a list, {@code L+} its next page, {@code W7} a watch from 7. */
  final List<String> asked() {
    return api.asked().stream().map(ReflectorFixture::gist).toList();
  }

  private static String gist(String query) {
    String limit = query.contains("limit=500") ? "" : "*";
    if (query.contains("watch=1")) {
      return "W" + query.replaceAll(".*resourceVersion=(\\d+).*", "$1");
    }
    return (query.contains("continue=") ? "L+" : "L") + limit;
  }
}
