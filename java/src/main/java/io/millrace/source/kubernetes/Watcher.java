// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.kubernetes;

import io.millrace.source.object.ObjectReader;
import java.io.IOException;
import java.util.random.RandomGenerator;

/** Watches a resource from a version on, and keeps what is held up to date. */
final class Watcher {
  /** Watches end after some minutes, not all at once. */
  private static final int MIN_SECONDS = 300;

  private static final int MAX_SECONDS = 600;

  private final ResourceApi api;
  private final Held held;
  private final Progress progress;
  private final ItemParser parser;
  private final RandomGenerator random;
  private String version = "";
  private boolean moved;
  private End end = End.DONE;

  Watcher(
      ResourceApi api, Held held, Progress progress, ItemParser parser, RandomGenerator random) {
    this.api = api;
    this.held = held;
    this.progress = progress;
    this.parser = parser;
    this.random = random;
  }

  /** Where to go on: everything up to here has been taken. */
  String version() {
    return version;
  }

  /** Whether the last watch brought changes of objects. */
  boolean hasMoved() {
    return moved;
  }

  /** Takes changes after {@code from} until the watch ends. */
  End watch(String from) throws InterruptedException {
    version = from;
    moved = false;
    end = End.DONE;
    int seconds = random.nextInt(MIN_SECONDS, MAX_SECONDS + 1);
    try (Api.Answer answer = api.watch(from, seconds)) {
      progress.heard();
      if (answer.code() != 200) {
        return End.of(answer);
      }
      progress.obstacle("");
      ItemParser.Events events = parser.events(answer.body());
      boolean more = true;
      while (more && end.kind() == End.Kind.DONE) {
        more = events.next(this::take);
      }
      return end;
    } catch (IOException e) {
      return End.of(e);
    }
  }

  private void take(ItemParser.Event event) {
    progress.heard();
    switch (event.type()) {
      case "ADDED", "MODIFIED" -> change(event, false);
      case "DELETED" -> change(event, true);
      case "BOOKMARK" -> advance(event);
      case "ERROR" -> end = End.of(event.object().path("code").asInt(500), event.object(), 0);
      default -> {
        String reason = "an event of the unknown type \"" + event.type() + "\"";
        end = new End(End.Kind.REFUSED, reason, 0);
      }
    }
  }

  private void change(ItemParser.Event event, boolean deleted) {
    ObjectReader.Result result = parser.result(event.object());
    if (deleted) {
      held.delete(result);
    } else {
      held.put(result);
    }
    moved = true;
    progress.event();
    progress.holds(held.size(), held.problems());
    advance(event);
  }

  private void advance(ItemParser.Event event) {
    if (!event.version().isEmpty()) {
      version = event.version();
    }
  }
}
