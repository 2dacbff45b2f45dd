// SPDX-License-Identifier: Apache-2.0
package io.millrace.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What clients see of the servers, whatever they do. */
@Timeout(60)
class HttpServersTest {
  private static final InetAddress HERE = InetAddress.getLoopbackAddress();
  private static final InetSocketAddress ANY_PORT = new InetSocketAddress(HERE, 0);
  private static final HttpHandler ECHO =
      request ->
          CompletableFuture.completedFuture(
              HttpAnswer.text(200, request.method() + " " + request.path() + "\n"));

  private final BlockingQueue<Map<InetSocketAddress, String>> failures =
      new LinkedBlockingQueue<>();
  private HttpServers servers = start(HttpServers.DEADLINE_MS);
  private final List<Socket> clients = new ArrayList<>();

  private static HttpServers start(long deadlineMs) {
    try {
      return HttpServers.start(deadlineMs);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @AfterEach
  void close() throws IOException {
    for (Socket client : clients) {
      client.close();
    }
    servers.close();
  }

  @Test
  void anAnswerHasItsBytesAndNoOthers() throws IOException {
    Socket client = connect(serve(ECHO));
    String answer = ask(client, "GET /a?b=c HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assertThat(answer.replaceAll("date: [^\r]*", "date: then").replace("\r\n", "|\n"))
        .isEqualTo(
            """
            HTTP/1.1 200 OK|
            X-Content-Type-Options: nosniff|
            content-type: text/plain; charset=utf-8|
            content-length: 7|
            date: then|
            connection: close|
            |
            GET /a
            """);
  }

  @Test
  void headHasNoBodyAndOldClientsAreServed() throws IOException {
    int port = serve(ECHO);
    assertThat(ask(connect(port), "HEAD /a HTTP/1.1\r\nConnection: close\r\n\r\n"))
        .contains("content-length: 8")
        .endsWith("\r\n\r\n");
    assertThat(ask(connect(port), "GET /old HTTP/1.0\r\n\r\n")).endsWith("GET /old\n");
  }

  @Test
  void requestsInARowAreAnsweredInTheirOrder() throws IOException {
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < 200; i++) {
      all.append("GET /").append(i).append(" HTTP/1.1\r\n\r\n");
    }
    all.append("PUT /last HTTP/1.1\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc");
    String answers = ask(connect(serve(ECHO)), all.toString());
    assertThat(answers.split("HTTP/1.1 200 OK", -1)).hasSize(202);
    assertThat(answers.indexOf("GET /7\n")).isLessThan(answers.indexOf("GET /8\n"));
    assertThat(answers).endsWith("PUT /last\n");
  }

  @Test
  void whatIsTooLongOrNoHttpIsRefused() throws IOException {
    int port = serve(ECHO);
    assertThat(ask(connect(port), "GET /" + "a".repeat(5000) + " HTTP/1.1\r\n\r\n"))
        .startsWith("HTTP/1.1 414 ");
    assertThat(ask(connect(port), "GET / HTTP/1.1\r\nX: " + "a".repeat(9000) + "\r\n\r\n"))
        .startsWith("HTTP/1.1 431 ");
    assertThat(ask(connect(port), "POST / HTTP/1.1\r\nContent-Length: 99999\r\n\r\n"))
        .startsWith("HTTP/1.1 413 ");
    assertThat(ask(connect(port), "\u0016\u0003\u0001 no HTTP at all\r\n\r\n"))
        .startsWith("HTTP/1.1 400 ");
    assertThat(ask(connect(port), "GET /still HTTP/1.0\r\n\r\n")).endsWith("GET /still\n");
  }

  @Test
  void aHandlerThatFailsIsSaid() throws IOException {
    int thrown =
        serve(
            request -> {
              throw new IllegalStateException("a bug");
            });
    assertThat(ask(connect(thrown), "GET / HTTP/1.0\r\n\r\n")).startsWith("HTTP/1.1 500 ");
    int late = serve(request -> CompletableFuture.failedFuture(new IllegalStateException("late")));
    assertThat(ask(connect(late), "GET / HTTP/1.0\r\n\r\n")).startsWith("HTTP/1.1 500 ");
  }

  @Test
  void whoIsSlowIsCutOff() throws IOException {
    servers.close();
    servers = start(200);
    int port = serve(ECHO);
    Socket silent = connect(port);
    Socket slow = connect(port);
    assertThat(ask(slow, "GET / HT")).isEmpty();
    assertThat(silent.getInputStream().read()).isEqualTo(-1);
    Socket waits = connect(serve(request -> new CompletableFuture<>()));
    assertThat(ask(waits, "GET / HTTP/1.1\r\n\r\n")).isEmpty();
  }

  @Test
  void manyConnectionsKeepNobodyOut() throws IOException {
    int port = serve(ECHO);
    Socket first = connect(port);
    for (int i = 0; i < HttpServers.MAX_CONNECTIONS; i++) {
      connect(port);
    }
    assertThat(first.getInputStream().read()).as("the oldest made way").isEqualTo(-1);
    assertThat(ask(connect(port), "GET /new HTTP/1.0\r\n\r\n")).endsWith("GET /new\n");
  }

  @Test
  void aListenerThatIsNotWantedEndsWithItsConnections() throws IOException {
    HttpListeners listeners = servers.listeners(failures::add);
    assertThat(listeners.serve(Map.of(ANY_PORT, ECHO)).join()).isEmpty();
    int port = listeners.port(ANY_PORT);
    Socket kept = connect(port);
    kept.getOutputStream().write("GET /1 HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    assertThat(kept.getInputStream().read()).isEqualTo('H');
    assertThat(listeners.serve(Map.of()).join()).isEmpty();
    assertThat(new String(readAll(kept), StandardCharsets.US_ASCII)).endsWith("GET /1\n");
    try (ServerSocket free = new ServerSocket(port, 1, HERE)) {
      assertThat(free.getLocalPort()).isEqualTo(port);
    }
  }

  @Test
  void anotherHandlerTakesOverWithoutAGap() throws IOException {
    HttpListeners listeners = servers.listeners(failures::add);
    listeners.serve(Map.of(ANY_PORT, ECHO)).join();
    int port = listeners.port(ANY_PORT);
    Socket kept = connect(port);
    HttpHandler other = request -> CompletableFuture.completedFuture(HttpAnswer.NOT_FOUND);
    listeners.serve(Map.of(ANY_PORT, other)).join();
    assertThat(listeners.port(ANY_PORT)).isEqualTo(port);
    assertThat(ask(kept, "GET / HTTP/1.0\r\n\r\n"))
        .startsWith("HTTP/1.1 404 ")
        .endsWith("404 page not found\n");
  }

  @Test
  void aPortThatIsTakenIsSaidAndTakenLater() throws Exception {
    HttpListeners listeners = servers.listeners(failures::add);
    InetSocketAddress at;
    try (ServerSocket taken = new ServerSocket(0, 1, HERE)) {
      at = new InetSocketAddress(HERE, taken.getLocalPort());
      assertThat(listeners.serve(Map.of(at, ECHO)).join())
          .containsExactly(Map.entry(at, "Address already in use"));
      assertThat(failures.take()).containsOnlyKeys(at);
    }
    assertThat(failures.poll(30, TimeUnit.SECONDS)).as("it has the port now").isEmpty();
    assertThat(ask(connect(at.getPort()), "GET /now HTTP/1.0\r\n\r\n")).endsWith("GET /now\n");
  }

  @Test
  void anyAddressIsThatOfBothFamilies() throws IOException {
    HttpListeners listeners = servers.listeners(failures::add);
    InetSocketAddress any = new InetSocketAddress("0.0.0.0", 0);
    listeners.serve(Map.of(any, ECHO)).join();
    int port = listeners.port(any);
    for (String address : List.of("127.0.0.1", "::1")) {
      Socket client = new Socket(address, port);
      clients.add(client);
      assertThat(ask(client, "GET /x HTTP/1.0\r\n\r\n")).endsWith("GET /x\n");
    }
  }

  private int serve(HttpHandler handler) {
    HttpListeners listeners = servers.listeners(failures::add);
    assertThat(listeners.serve(Map.of(ANY_PORT, handler)).join()).isEmpty();
    return listeners.port(ANY_PORT);
  }

  private Socket connect(int port) throws IOException {
    Socket client = new Socket(HERE, port);
    clients.add(client);
    return client;
  }

  private static String ask(Socket client, String request) throws IOException {
    client.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
    return new String(readAll(client), StandardCharsets.ISO_8859_1);
  }

  /** All that comes; a reset after the answer ends it, too. */
  private static byte[] readAll(Socket client) throws IOException {
    var out = new java.io.ByteArrayOutputStream();
    try {
      client.getInputStream().transferTo(out);
    } catch (SocketException e) {
      return out.toByteArray();
    }
    return out.toByteArray();
  }
}
