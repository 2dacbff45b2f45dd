// SPDX-License-Identifier: Apache-2.0
package io.millrace.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Where to listen, as somebody wants it. A port that cannot be had is tried again after 1, 2, 4 …
 * 30 s, and whenever something else is wanted.
 */
public final class HttpListeners {
  private static final long FIRST_RETRY_MS = 1000;
  private static final long LAST_RETRY_MS = 30_000;

  private final HttpServers servers;
  private final EventLoop loop;
  private final Consumer<Map<InetSocketAddress, String>> report;

  // All of this belongs to the loop's thread.
  private final Map<InetSocketAddress, Place> places = new LinkedHashMap<>();
  private final List<CompletableFuture<Map<InetSocketAddress, String>>> waiting = new ArrayList<>();
  private Map<InetSocketAddress, String> reported = Map.of();
  private long retryMs = FIRST_RETRY_MS;
  private boolean retryPlanned;
  private int binding;

  HttpListeners(
      HttpServers servers, EventLoop loop, Consumer<Map<InetSocketAddress, String>> report) {
    this.servers = servers;
    this.loop = loop;
    this.report = report;
  }

  /** One address and port. */
  static final class Place {
    private HttpHandler handler;
    private @Nullable Channel channel;
    private @Nullable String failure;
    private boolean binding;

    private Place(HttpHandler handler) {
      this.handler = handler;
    }

    HttpHandler handler() {
      return handler;
    }
  }

  /**
   * Listens there and nowhere else: what is not wanted any more is closed first, with its
   * connections; what stays is not touched but for its handler. Any local address (0.0.0.0, {@code
   * ::}) means those of both families. Callable from any thread.
   *
   * @return where it could not listen and why, once all has been tried
   */
  public CompletableFuture<Map<InetSocketAddress, String>> serve(
      Map<InetSocketAddress, HttpHandler> wanted) {
    Map<InetSocketAddress, HttpHandler> copy = new LinkedHashMap<>(wanted);
    CompletableFuture<Map<InetSocketAddress, String>> done = new CompletableFuture<>();
    loop.execute(
        () -> {
          waiting.add(done);
          retryMs = FIRST_RETRY_MS;
          change(copy);
        });
    return done;
  }

  /** The port that is listened to instead of port 0; 0 if it is not listened to. For tests. */
  int port(InetSocketAddress at) {
    return CompletableFuture.supplyAsync(
            () -> {
              Place place = places.get(at);
              return place == null || place.channel == null
                  ? 0
                  : ((InetSocketAddress) place.channel.localAddress()).getPort();
            },
            loop)
        .join();
  }

  private void change(Map<InetSocketAddress, HttpHandler> wanted) {
    places
        .entrySet()
        .removeIf(
            entry -> {
              boolean gone = !wanted.containsKey(entry.getKey());
              if (gone) {
                close(entry.getValue());
              }
              return gone;
            });
    wanted.forEach(
        (at, handler) -> places.computeIfAbsent(at, key -> new Place(handler)).handler = handler);
    bindAll();
  }

  private void close(Place place) {
    if (place.channel != null) {
      var unused = place.channel.close();
      servers.closeConnections(place);
    }
  }

  private void bindAll() {
    places.forEach(
        (at, place) -> {
          if (place.channel == null && !place.binding) {
            place.binding = true;
            binding++;
            servers.bind(at, place).addListener(done -> bound(at, place, (ChannelFuture) done));
          }
        });
    settle();
  }

  private void bound(InetSocketAddress at, Place place, ChannelFuture done) {
    binding--;
    place.binding = false;
    if (done.isSuccess()) {
      place.channel = done.channel();
      place.failure = null;
      if (places.get(at) != place) {
        close(place);
      }
    } else {
      place.failure = reason(done.cause());
    }
    settle();
  }

  /** The errno's text alone: the address is known, and the rest is the library's. */
  private static String reason(Throwable cause) {
    String text = String.valueOf(cause.getMessage());
    return text.substring(text.lastIndexOf(": ") < 0 ? 0 : text.lastIndexOf(": ") + 2);
  }

  /** Once nothing is under way: tells what failed, and when to try again. */
  private void settle() {
    if (binding > 0) {
      return;
    }
    Map<InetSocketAddress, String> failures = new LinkedHashMap<>();
    places.forEach(
        (at, place) -> {
          if (place.failure != null) {
            failures.put(at, place.failure);
          }
        });
    if (!failures.equals(reported)) {
      reported = failures;
      report.accept(Map.copyOf(failures));
    }
    if (!failures.isEmpty() && !retryPlanned) {
      retryPlanned = true;
      var unused = loop.schedule(this::retry, retryMs, TimeUnit.MILLISECONDS);
      retryMs = Math.min(LAST_RETRY_MS, 2 * retryMs);
    }
    List<CompletableFuture<Map<InetSocketAddress, String>>> done = List.copyOf(waiting);
    waiting.clear();
    done.forEach(each -> each.complete(failures));
  }

  private void retry() {
    retryPlanned = false;
    bindAll();
  }
}
