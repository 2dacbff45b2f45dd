// SPDX-License-Identifier: Apache-2.0
package io.millrace.fake.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** That the fake does what the tests of others rely on: lists, watches, writes, restarts. */
@Timeout(60)
final class FakeApiServerTest {
  private static final String SERVICES = "/api/v1/services";
  private static final String OURS = "&labelSelector=!service.kubernetes.io/headless";

  private FakeApiServer server;
  private ApiCalls client;

  @BeforeEach
  void start() throws IOException {
    server =
        new FakeApiServer(
            FakeApiConfig.plain().withHistory(5).withBookmarkEvery(Duration.ofMillis(20)));
    client = new ApiCalls(server.uri());
  }

  @AfterEach
  void stop() {
    server.close();
    assertThat(server.failures()).isEmpty();
  }

  private void put(String... names) {
    for (String name : names) {
      server
          .store()
          .put(
              "{apiVersion: v1, kind: Service, metadata: {name: %s, namespace: a, labels: {x: y}}}"
                  .formatted(name));
    }
  }

  private static List<String> names(JsonNode list) {
    List<String> names = new ArrayList<>();
    list.path("items").forEach(item -> names.add(item.at("/metadata/name").asText()));
    return names;
  }

  @Test
  void pagesShowOneMoment() throws Exception {
    put("one", "two", "wee");
    ObjectNode first = client.object(SERVICES + "?limit=2");
    assertThat(names(first)).containsExactly("one", "two");
    assertThat(first.at("/metadata/remainingItemCount").asInt()).isEqualTo(1);
    assertThat(first.path("kind").asText()).isEqualTo("ServiceList");
    assertThat(first.at("/items/0").has("kind")).isFalse();

    put("zed");
    String token = first.at("/metadata/continue").asText();
    ObjectNode second = client.object(SERVICES + "?limit=2&continue=" + token);
    assertThat(names(second)).containsExactly("wee");
    assertThat(second.at("/metadata/continue").isMissingNode()).isTrue();
    assertThat(second.at("/metadata/resourceVersion"))
        .isEqualTo(first.at("/metadata/resourceVersion"));
    assertThat(names(client.object(SERVICES))).containsExactly("one", "two", "wee", "zed");

    server.store().compact();
    assertThat(client.get(SERVICES + "?limit=2&continue=" + token).statusCode()).isEqualTo(410);
  }

  @Test
  void selectors() throws Exception {
    put("one");
    server
        .store()
        .put(
            """
            {apiVersion: v1, kind: Service, metadata: {name: bare, namespace: b,
              labels: {service.kubernetes.io/headless: ""}}}
            ---
            {apiVersion: v1, kind: Pod, metadata: {name: p, namespace: b}, spec: {nodeName: n1}}
            """);
    assertThat(names(client.object(SERVICES + "?limit=9" + OURS))).containsExactly("one");
    assertThat(names(client.object(SERVICES + "?labelSelector=x%3Dy"))).containsExactly("one");
    assertThat(names(client.object(SERVICES + "?labelSelector=x!%3Dy"))).containsExactly("bare");
    assertThat(names(client.object("/api/v1/namespaces/b/services"))).containsExactly("bare");
    String pods = "/api/v1/pods?fieldSelector=spec.nodeName%3D";
    assertThat(names(client.object(pods + "n1"))).containsExactly("p");
    assertThat(names(client.object(pods + "n2"))).isEmpty();
    assertThat(client.get("/api/v1/pods?fieldSelector=spec.what%3D1").statusCode()).isEqualTo(400);
  }

  @Test
  void watchTellsWhatHappens() throws Exception {
    put("one");
    try (var events = watch(server.store().version())) {
      put("two");
      assertThat(events.next()).isEqualTo("ADDED two");
      put("two");
      assertThat(events.next()).isEqualTo("MODIFIED two");
      relabel("two", "service.kubernetes.io/headless");
      assertThat(events.next()).isEqualTo("DELETED two");
      relabel("two", "other");
      assertThat(events.next()).isEqualTo("ADDED two");
      server.store().delete(ApiResource.SERVICES, "a", "one");
      assertThat(events.next()).isEqualTo("DELETED one");
      assertThat(events.bookmark()).isEqualTo(server.store().version());
      assertThat(server.watches()).isEqualTo(1);
    }
  }

  @Test
  void watchFromTheStartTellsWhatIsThere() throws Exception {
    put("one", "two");
    try (var events = watch(0)) {
      assertThat(events.next()).isEqualTo("ADDED one");
      assertThat(events.next()).isEqualTo("ADDED two");
    }
  }

  @Test
  void watchFromWhatIsForgottenIsGone() throws Exception {
    long before = server.store().version();
    put("1", "2", "3", "4", "5");
    try (var events = watch(before)) {
      assertThat(events.next()).isEqualTo("ADDED 1");
    }
    put("6");
    try (var events = watch(before)) {
      assertThat(events.next()).isEqualTo("ERROR 410");
      assertThat(events.next()).isEqualTo("end");
    }
  }

  @Test
  void watchEndsInTime() throws Exception {
    try (var events = new Events("&timeoutSeconds=1", server.store().version())) {
      assertThat(events.next()).isEqualTo("end");
    }
  }

  @Test
  void writes() throws Exception {
    ApiCalls admin = new ApiCalls(server.adminUri());
    String path = ApiResource.SERVICES.path("a", "one");
    try (var events = watch(server.store().version())) {
      var put = admin.send("PUT", path, "{\"spec\": {\"clusterIP\": \"10.0.0.1\"}}");
      assertThat(events.next()).isEqualTo("ADDED one");
      assertThat(put.headers().firstValueAsLong("X-Event-Written-Ns").orElse(0))
          .isBetween(System.nanoTime() - 20_000_000_000L, System.nanoTime());
      String uid = Json.parse(put.body()).at("/metadata/uid").asText();
      var patch = admin.send("PATCH", path, "{\"spec\": {\"clusterIP\": null, \"x\": [1]}}");
      assertThat(Json.parse(patch.body()).path("spec").toString()).isEqualTo("{\"x\":[1]}");
      assertThat(Json.parse(patch.body()).at("/metadata/uid").asText()).isEqualTo(uid);
      assertThat(events.next()).isEqualTo("MODIFIED one");
      assertThat(admin.send("DELETE", path, "").statusCode()).isEqualTo(200);
      assertThat(events.next()).isEqualTo("DELETED one");
      assertThat(admin.send("PATCH", path, "{}").statusCode()).isEqualTo(404);
      assertThat(admin.get(path).statusCode()).isEqualTo(404);
    }
    String event = "{\"metadata\": {\"name\": \"e1\"}}";
    assertThat(admin.send("POST", "/api/v1/namespaces/a/events", event).statusCode())
        .isEqualTo(201);
    assertThat(admin.send("POST", "/api/v1/namespaces/a/events", event).statusCode())
        .isEqualTo(409);
  }

  @Test
  void stopsAndComesBackOnItsPort() throws Exception {
    put("one");
    var uri = server.uri();
    try (var events = watch(server.store().version())) {
      server.stop(Fault.End.RESET);
      assertThatThrownBy(events::next).isInstanceOf(IOException.class);
    }
    assertThatThrownBy(() -> client.get(SERVICES)).isInstanceOf(ConnectException.class);
    server.restart();
    assertThat(server.uri()).isEqualTo(uri);
    assertThat(names(client.object(SERVICES))).containsExactly("one");
  }

  @Test
  void anotherServerMayKnowLess() throws Exception {
    put("one");
    ApiStore.Saved saved = server.store().save();
    put("two");
    long newer = server.store().version();
    server.failOver(saved);
    ObjectNode list = client.object(SERVICES);
    assertThat(names(list)).containsExactly("one");
    assertThat(list.at("/metadata/resourceVersion").asLong()).isLessThan(newer);
  }

  private void relabel(String name, String label) {
    server
        .store()
        .change(
            ApiResource.SERVICES,
            "a",
            name,
            tree -> tree.withObject("/metadata").putObject("labels").put(label, ""));
  }

  private Events watch(long since) throws IOException, InterruptedException {
    return new Events(OURS + "&allowWatchBookmarks=true", since);
  }

  /** What a watch of Services says, as "TYPE NAME". */
  private final class Events implements AutoCloseable {
    private final BufferedReader lines;

    Events(String query, long since) throws IOException, InterruptedException {
      String path = SERVICES + "?watch=1&resourceVersion=" + since + query;
      lines =
          new BufferedReader(new InputStreamReader(client.stream(path), StandardCharsets.UTF_8));
    }

    private ObjectNode line() throws IOException {
      String line = lines.readLine();
      return line == null ? Json.object() : Json.parse(Json.utf8(line));
    }

    String next() throws IOException {
      ObjectNode event = line();
      while (event.path("type").asText().equals("BOOKMARK")) {
        event = line();
      }
      String what = event.at("/object/metadata/name").asText(event.at("/object/code").asText());
      return event.isEmpty() ? "end" : event.path("type").asText() + " " + what;
    }

    long bookmark() throws IOException {
      ObjectNode event = line();
      assertThat(event.path("type").asText()).isEqualTo("BOOKMARK");
      return event.at("/object/metadata/resourceVersion").asLong();
    }

    @Override
    public void close() throws IOException {
      lines.close();
    }
  }
}
