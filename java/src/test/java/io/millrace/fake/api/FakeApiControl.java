// SPDX-License-Identifier: Apache-2.0
package io.millrace.fake.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What scripts can tell the server, as requests to its admin port:
 *
 * <pre>
 *   /_fake/stop?end=RESET          no server until /_fake/start; end: CLOSED or RESET
 *   /_fake/end?end=SILENT          ends open watches: CLEAN, CLOSED, RESET, SILENT
 *   /_fake/compact                 what has happened is forgotten: 410 Gone
 *   /_fake/save, /_fake/fail-over  go back to what was there when it was saved
 *   /_fake/fault?verb=list&resource=services&kind=gone&times=2
 *                                  kind: gone, error-event, garbage, status (code, wait),
 *                                  break (after, end), slow (rate); verb and resource may be left out
 *   /_fake/churn?rate=100&seconds=30   changes an endpoint of a slice, so often
 *   /_fake/flip?namespace=test&name=web&rate=100&count=1000
 *                                  changes a port of a NetworkPolicy to and fro
 *   /_fake/flipped                 how often it has done so
 *   /_fake/clear                   no more faults
 *   /_fake/stats                   counters
 * </pre>
 */
final class FakeApiControl {
  static final String PREFIX = "/_fake/";

  private final FakeApiServer server;
  private final EventLoop loop;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread made = new Thread(task, "fake-api-control");
            made.setDaemon(true);
            return made;
          });
  private ApiStore.@Nullable Saved saved;
  private @Nullable ScheduledFuture<?> churn;
  private final AtomicInteger flipped = new AtomicInteger();

  FakeApiControl(FakeApiServer server, EventLoop loop) {
    this.server = server;
    this.loop = loop;
  }

  /** Does it on a thread of its own, as the server's must not wait for itself. */
  void run(Call call, Consumer<Answer> then) {
    var unused =
        CompletableFuture.supplyAsync(() -> answer(call), thread)
            .exceptionally(FakeApiControl::failed)
            .thenAcceptAsync(then, loop);
  }

  private static Answer failed(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return Answer.status(400, "BadRequest", String.valueOf(cause));
  }

  private Answer answer(Call call) {
    try {
      switch (call.path().substring(PREFIX.length())) {
        case "stop" -> server.stop(end(call));
        case "start" -> server.restart();
        case "end" -> server.endWatches(end(call));
        case "compact" -> server.store().compact();
        case "save" -> saved = server.store().save();
        case "fail-over" -> failOver();
        case "fault" -> server.faults().next(calls(call), fault(call), number(call, "times", 1));
        case "clear" -> server.faults().clear();
        case "churn" -> churn(number(call, "rate", 1), number(call, "seconds", 1));
        case "flip" -> flip(call);
        case "flipped" -> {
          return Answer.text(flipped.get() + "\n");
        }
        case "stats" -> {
          return Answer.of(200, Json.bytes(stats()));
        }
        default -> throw new IllegalArgumentException("no such command: " + call.path());
      }
      return Answer.text("ok\n");
    } catch (IOException e) {
      throw new CompletionException(e);
    }
  }

  private static Fault.End end(Call call) {
    String end = call.parameter("end");
    return end.isEmpty() ? Fault.End.CLOSED : Fault.End.valueOf(end.toUpperCase(Locale.ROOT));
  }

  private static int number(Call call, String name, int otherwise) {
    String text = call.parameter(name);
    return text.isEmpty() ? otherwise : Integer.parseInt(text);
  }

  private void failOver() throws IOException {
    if (saved == null) {
      throw new IllegalArgumentException("nothing was saved: ask for /_fake/save before");
    }
    server.failOver(saved);
  }

  private static Predicate<Call> calls(Call call) {
    String verb = call.parameter("verb");
    String resource = call.parameter("resource");
    return met ->
        (verb.isEmpty() || verb.equals(met.verb()))
            && (resource.isEmpty() || resource.equals(met.resource()));
  }

  private static Fault fault(Call call) {
    String kind = call.parameter("kind");
    return switch (kind) {
      case "gone" -> Fault.gone();
      case "error-event" -> Fault.errorEvent(number(call, "code", 410));
      case "garbage" -> Fault.garbage();
      case "status" -> Fault.status(number(call, "code", 503), number(call, "wait", 0));
      case "break" -> Fault.breakAfter(number(call, "after", 0), end(call));
      case "slow" -> Fault.slow(number(call, "rate", 1000));
      default -> throw new IllegalArgumentException("no such fault: " + kind);
    };
  }

  /** One endpoint of one slice gets an address that nobody had, over and over. */
  private void churn(int perSecond, int seconds) {
    List<ApiObject> slices = server.store().snapshot(ApiResource.ENDPOINT_SLICES).objects();
    if (slices.isEmpty()) {
      throw new IllegalArgumentException("there are no slices to change");
    }
    Runnable step =
        counted(
            new AtomicInteger(),
            perSecond * seconds,
            n -> {
              ApiObject slice = slices.get((int) (n * 7919L % slices.size()));
              server
                  .store()
                  .change(
                      ApiResource.ENDPOINT_SLICES,
                      slice.namespace(),
                      slice.name(),
                      tree -> ClusterGenerator.moveFirstEndpoint(tree, n));
            });
    start(perSecond, step);
  }

  /** One policy says now this, now that, about a port. */
  private void flip(Call call) {
    String namespace = call.parameter("namespace");
    String name = call.parameter("name");
    flipped.set(0);
    Runnable step =
        counted(
            flipped,
            number(call, "count", 1),
            n -> {
              if (!server
                  .store()
                  .change(
                      ApiResource.NETWORK_POLICIES,
                      namespace,
                      name,
                      tree -> PolicyGenerator.flip(tree, n))) {
                throw new IllegalArgumentException("no such policy: " + namespace + "/" + name);
              }
            });
    start(number(call, "rate", 1), step);
  }

  /** A task that ends itself, by an exception, once it has been done so often. */
  private static Runnable counted(AtomicInteger done, int total, IntConsumer step) {
    return () -> {
      int n = done.get();
      if (n >= total) {
        throw new CancellationException("done");
      }
      step.accept(n);
      done.incrementAndGet();
    };
  }

  /** In place of what was being changed before. */
  private void start(int perSecond, Runnable step) {
    if (churn != null) {
      churn.cancel(false);
    }
    churn = thread.scheduleAtFixedRate(step, 0, 1_000_000_000L / perSecond, TimeUnit.NANOSECONDS);
  }

  private ObjectNode stats() {
    ObjectNode stats = Json.object();
    stats.put("nowNs", System.nanoTime()).put("lastListNs", server.stats().lastListNs());
    stats.put("version", server.store().version()).put("watches", server.watches());
    stats.put("faultsLeft", server.faults().left());
    stats.put("failures", server.failures().toString());
    TreeMap<String, Integer> calls = new TreeMap<>();
    server
        .stats()
        .calls()
        .forEach(c -> calls.merge(c.verb() + " " + c.resource(), 1, Integer::sum));
    ObjectNode counted = stats.putObject("calls");
    calls.forEach(counted::put);
    return stats;
  }
}
