// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the owners of Services and NetworkPolicies, by events on them, what cannot be programmed. A
 * thread of its own: nobody waits for it, and what it does not manage to tell is in {@code status}
 * all the same.
 */
public final class Events implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(Events.class);

  private static final int WAITING = 256;
  private static final int TRIES = 3;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Every node meets the same fault at once; the server should not hear of it at once. */
  private static final long SPREAD_NS = Duration.ofSeconds(30).toNanos();

  private static final long FORBIDDEN_NS = Duration.ofMinutes(10).toNanos();
  private static final String MERGE = "application/merge-patch+json";

  private final Api api;
  private final String node;
  private final RandomGenerator random;
  private final ApiClock clock;
  private final InstantSource wall;
  private final EventLimits limits = new EventLimits();
  private final BlockingQueue<Waiting> queue = new ArrayBlockingQueue<>(WAITING);
  private final AtomicLong dropped = new AtomicLong();
  private long silentUntilNs;
  private boolean forbidden;

  private record Waiting(ObjectEvent event, long dueNs) {}

  /** What became of a request. */
  private enum Outcome {
    DONE,
    /** It is there already. */
    EXISTS,
    /** It is gone, or not wanted. */
    REFUSED,
    FAILED,
  }

  Events(Api api, String node, RandomGenerator random, ApiClock clock, InstantSource wall) {
    this.api = api;
    this.node = node;
    this.random = random;
    this.clock = clock;
    this.wall = wall;
  }

  /** To be told, sooner or later or not at all. Never waits. Callable from any thread. */
  public void tell(ObjectEvent event) {
    long dueNs = clock.nowNs() + (long) (SPREAD_NS * random.nextDouble());
    if (!queue.offer(new Waiting(event, dueNs))) {
      dropped.incrementAndGet();
    }
  }

  /** How many were not told: too many at once, too often, or the server would not. */
  public long dropped() {
    return dropped.get();
  }

  @Override
  public void run() {
    try {
      while (true) {
        handle(queue.take());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Handles what waits first; false if nothing does. For tests. */
  boolean handleNext() throws InterruptedException {
    Waiting next = queue.poll();
    if (next == null) {
      return false;
    }
    handle(next);
    return true;
  }

  private void handle(Waiting next) throws InterruptedException {
    clock.sleep(Math.max(0, next.dueNs - clock.nowNs()));
    handle(next.event);
  }

  /** Tells it, unless it is too much. */
  private void handle(ObjectEvent event) throws InterruptedException {
    long nowNs = clock.nowNs();
    EventLimits.Told before = limits.told(event, nowNs);
    if (before != null && !before.again(nowNs)) {
      return;
    }
    boolean admitted = nowNs - silentUntilNs >= 0 || !forbidden;
    if (!admitted || !limits.admits(event, nowNs)) {
      dropped.incrementAndGet();
      return;
    }
    ApiBackoff backoff = new ApiBackoff(ApiTimings.DEFAULT, random);
    for (int tries = 1; ; tries++) {
      if (attempt(event)) {
        return;
      }
      if (tries == TRIES) {
        dropped.incrementAndGet();
        return;
      }
      clock.sleep(backoff.failedNs());
    }
  }

  /** False if it is worth another try. */
  private boolean attempt(ObjectEvent event) throws InterruptedException {
    try {
      EventLimits.Told before = limits.told(event, clock.nowNs());
      if (before != null) {
        Outcome outcome = patch(event, before.name(), before.count());
        if (outcome != Outcome.REFUSED) {
          return outcome == Outcome.DONE;
        }
        limits.forget(event); // its hour is over there
      }
      return create(event);
    } catch (IOException | RuntimeException e) {
      log.debug("event of {}: {}", event.who(), e.getMessage());
      return false;
    }
  }

  private boolean create(ObjectEvent event) throws IOException, InterruptedException {
    JsonNode metadata;
    try (Api.Answer answer = api.get(event.objectPath(), false, PATIENCE, PATIENCE)) {
      if (answer.code() != 200) {
        return judge(answer) == Outcome.REFUSED;
      }
      metadata = tree(answer).path("metadata");
    }
    JsonNode object = event.object(metadata, node, wall.instant());
    String name = object.at("/metadata/name").asText();
    Outcome outcome = send("POST", event.eventsPath(), "application/json", object);
    if (outcome == Outcome.EXISTS) { // told before, by an agent that has ended
      outcome = patch(event, name, 0);
    }
    if (outcome == Outcome.DONE) {
      limits.remember(event, name, clock.nowNs());
    } else if (outcome == Outcome.REFUSED) {
      dropped.incrementAndGet();
    }
    return outcome != Outcome.FAILED;
  }

  /**
   * Says that it happened again.
   *
   * @param count how often so far; 0 = not known
   */
  private Outcome patch(ObjectEvent event, String name, int count)
      throws IOException, InterruptedException {
    var change = JsonNodeFactory.instance.objectNode();
    change.put("lastTimestamp", ObjectEvent.text(wall.instant()));
    if (count > 0) {
      change.put("count", count);
    }
    Outcome outcome = send("PATCH", event.eventsPath() + "/" + name, MERGE, change);
    return outcome == Outcome.EXISTS ? Outcome.REFUSED : outcome; // a conflict
  }

  private Outcome send(String method, String path, String type, JsonNode body)
      throws IOException, InterruptedException {
    byte[] bytes = body.toString().getBytes(StandardCharsets.UTF_8);
    try (Api.Answer answer = api.send(method, path, type, bytes)) {
      return judge(answer);
    }
  }

  private Outcome judge(Api.Answer answer) throws IOException {
    int code = answer.code();
    if (code < 300) {
      forbidden = false;
      return Outcome.DONE;
    }
    if (code == 403 && !isEnding(tree(answer))) {
      silentUntilNs = clock.nowNs() + FORBIDDEN_NS;
      if (!forbidden) {
        log.warn("the API server forbids events (403): none for a while");
      }
      forbidden = true;
    }
    if (code == 409) {
      return Outcome.EXISTS;
    }
    return code == 401 || code == 429 || code >= 500 ? Outcome.FAILED : Outcome.REFUSED;
  }

  /** A namespace that is being deleted takes no new objects. */
  private static boolean isEnding(JsonNode status) {
    for (JsonNode cause : status.at("/details/causes")) {
      if (cause.path("reason").asText().equals("NamespaceTerminating")) {
        return true;
      }
    }
    return false;
  }

  private static JsonNode tree(Api.Answer answer) throws IOException {
    return ItemParser.tree(new String(answer.body().readAllBytes(), StandardCharsets.UTF_8));
  }
}
