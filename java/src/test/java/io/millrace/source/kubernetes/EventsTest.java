// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Events on Services: what is sent, how often, and when not. */
@Timeout(60)
class EventsTest {
  private static final String SERVICE =
      "{\"metadata\":{\"name\":\"web\",\"uid\":\"u-1\",\"resourceVersion\":\"7\"}}";
  private static final ObjectEvent EVENT =
      ObjectEvent.ofService("ns", "web", "NotProgrammed", "port http: taken");

  private final FakeClock clock = new FakeClock();
  private final Server server = new Server();
  private final RandomGenerator random = () -> 0; // no spread, the shortest backoff
  private final Events events =
      new Events(server, "n1", random, clock, () -> Instant.parse("2026-11-21T08:00:00.5Z"));

  /** Has every Service, and takes every event unless it is told otherwise. */
  private static final class Server implements Api {
    private final List<String> asked = new ArrayList<>();
    private final List<JsonNode> bodies = new ArrayList<>();
    private final ArrayDeque<Integer> codes = new ArrayDeque<>();
    private int serviceCode = 200;
    private String error = "{}";

    @Override
    public Answer get(String path, boolean compress, Duration headers, Duration silence) {
      asked.add("GET " + path);
      return answer(serviceCode, serviceCode == 200 ? SERVICE : error);
    }

    @Override
    public Answer send(String method, String path, String contentType, byte[] body)
        throws IOException {
      asked.add(method + " " + path + " " + contentType);
      bodies.add(ItemParser.tree(new String(body, StandardCharsets.UTF_8)));
      int code = codes.isEmpty() ? 201 : codes.remove();
      if (code == 0) {
        throw new IOException("no answer");
      }
      return answer(code, error);
    }

    private Answer answer(int code, String body) {
      return new Answer() {
        @Override
        public int code() {
          return code;
        }

        @Override
        public @Nullable String header(String name) {
          return null;
        }

        @Override
        public InputStream body() {
          return new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public void close() {}
      };
    }

    private List<String> verbs() {
      return asked.stream().map(text -> text.substring(0, text.indexOf(' '))).toList();
    }
  }

  /** Tells them all, and waits until that is done. */
  private void tell(ObjectEvent... all) throws InterruptedException {
    for (ObjectEvent event : all) {
      events.tell(event);
    }
    boolean more = true;
    while (more) {
      more = events.handleNext();
    }
  }

  private static ObjectEvent event(String service, String message) {
    return ObjectEvent.ofService("ns", service, "NotProgrammed", message);
  }

  @Test
  void anEventIsOneThatKubectlShows() throws Exception {
    tell(EVENT);
    assertThat(server.asked)
        .containsExactly(
            "GET /api/v1/namespaces/ns/services/web",
            "POST /api/v1/namespaces/ns/events application/json");
    JsonNode event = server.bodies.get(0);
    assertThat(event.path("kind").asText()).isEqualTo("Event");
    assertThat(event.path("apiVersion").asText()).isEqualTo("v1");
    assertThat(event.at("/metadata/namespace").asText()).isEqualTo("ns");
    assertThat(event.at("/metadata/name").asText()).matches("web\\.[0-9a-f]{16}");
    JsonNode of = event.path("involvedObject");
    assertThat(of.path("kind").asText()).isEqualTo("Service");
    assertThat(of.path("name").asText()).isEqualTo("web");
    assertThat(of.path("namespace").asText()).isEqualTo("ns");
    assertThat(of.path("uid").asText()).isEqualTo("u-1");
    assertThat(of.path("resourceVersion").asText()).isEqualTo("7");
    assertThat(event.path("type").asText()).isEqualTo("Warning");
    assertThat(event.path("reason").asText()).isEqualTo("NotProgrammed");
    assertThat(event.path("message").asText()).isEqualTo("port http: taken");
    assertThat(event.path("count").asInt()).isEqualTo(1);
    assertThat(event.path("firstTimestamp").asText()).isEqualTo("2026-11-21T08:00:00Z");
    assertThat(event.path("lastTimestamp").asText()).isEqualTo("2026-11-21T08:00:00Z");
    assertThat(event.path("reportingComponent").asText()).isEqualTo("millrace");
    assertThat(event.path("reportingInstance").asText()).isEqualTo("n1");
    assertThat(event.at("/source/host").asText()).isEqualTo("n1");
  }

  @Test
  void whatComesAgainIsCountedAndToldEveryTenMinutes() throws Exception {
    tell(EVENT);
    clock.pass(Duration.ofMinutes(5));
    tell(EVENT, EVENT);
    assertThat(server.verbs()).containsExactly("GET", "POST");
    clock.pass(Duration.ofMinutes(5));
    tell(EVENT);
    assertThat(server.verbs()).containsExactly("GET", "POST", "PATCH");
    String name = server.bodies.get(0).at("/metadata/name").asText();
    assertThat(server.asked.get(2))
        .isEqualTo("PATCH /api/v1/namespaces/ns/events/" + name + " application/merge-patch+json");
    assertThat(server.bodies.get(1).path("count").asInt()).isEqualTo(4);
    assertThat(server.bodies.get(1).path("lastTimestamp").asText()).endsWith("Z");
    clock.pass(Duration.ofHours(1)); // its time is over: anew
    tell(EVENT);
    assertThat(server.verbs()).containsExactly("GET", "POST", "PATCH", "GET", "POST");
    assertThat(events.dropped()).isZero();
  }

  @Test
  void anEventThatIsGoneIsMadeAnew() throws Exception {
    tell(EVENT);
    clock.pass(Duration.ofMinutes(10));
    server.codes.add(404);
    tell(EVENT);
    assertThat(server.verbs()).containsExactly("GET", "POST", "PATCH", "GET", "POST");
  }

  @Test
  void anEventOfTheAgentBeforeIsTakenOver() throws Exception {
    server.codes.add(409);
    tell(EVENT);
    assertThat(server.verbs()).containsExactly("GET", "POST", "PATCH");
    assertThat(server.bodies.get(1).has("count")).isFalse();
    assertThat(server.asked.get(2))
        .contains("/events/" + server.bodies.get(0).at("/metadata/name").asText());
  }

  @Test
  void aServiceHasFiveAtOnceAndThenOneInFiveMinutes() throws Exception {
    for (int i = 0; i < 9; i++) {
      tell(event("web", "m" + i));
    }
    assertThat(server.bodies).hasSize(5);
    assertThat(events.dropped()).isEqualTo(4);
    tell(event("other", "m"));
    assertThat(server.bodies).hasSize(6);
    clock.pass(Duration.ofMinutes(5));
    tell(event("web", "n1"), event("web", "n2"));
    assertThat(server.bodies).hasSize(7);
  }

  @Test
  void allHaveTwentyAtOnceAndThenOneASecond() throws Exception {
    for (int i = 0; i < 30; i++) {
      tell(event("web" + i, "m"));
    }
    assertThat(server.bodies).hasSize(20);
    clock.pass(Duration.ofSeconds(2));
    tell(event("a", "m"), event("b", "m"), event("c", "m"));
    assertThat(server.bodies).hasSize(22);
    assertThat(events.dropped()).isEqualTo(11);
  }

  @Test
  void moreThanItCanHoldIsDroppedAtOnce() {
    for (int i = 0; i < 300; i++) {
      events.tell(event("web" + i, "m"));
    }
    assertThat(events.dropped()).isEqualTo(300 - 256);
  }

  @Test
  void aServiceThatIsGoneIsForgotten() throws Exception {
    server.serviceCode = 404;
    tell(EVENT);
    assertThat(server.verbs()).containsExactly("GET");
  }

  @Test
  void aFailureIsTriedTwiceMore() throws Exception {
    server.codes.addAll(List.of(500, 0));
    tell(EVENT);
    assertThat(server.verbs()).containsExactly("GET", "POST", "GET", "POST", "GET", "POST");
    assertThat(clock.sleptMs()).endsWith(250L, 500L);
    assertThat(events.dropped()).isZero();
    server.codes.addAll(List.of(503, 429, 500));
    tell(event("b", "m"));
    assertThat(events.dropped()).isEqualTo(1);
    assertThat(server.codes).isEmpty();
  }

  @Test
  void whoMayNotIsSilentForTenMinutes() throws Exception {
    server.codes.add(403);
    tell(EVENT, event("b", "m"));
    assertThat(server.verbs()).containsExactly("GET", "POST");
    clock.pass(Duration.ofMinutes(10));
    tell(event("c", "m"), event("d", "m"));
    assertThat(server.verbs()).containsExactly("GET", "POST", "GET", "POST", "GET", "POST");
  }

  @Test
  void aNamespaceThatEndsIsNoReasonToBeSilent() throws Exception {
    server.error = "{\"details\":{\"causes\":[{\"reason\":\"NamespaceTerminating\"}]}}";
    server.codes.add(403);
    tell(EVENT, event("b", "m"));
    assertThat(server.verbs()).containsExactly("GET", "POST", "GET", "POST");
  }

  @Test
  void nodesDoNotTellAtOnce() throws Exception {
    Events late = new Events(server, "n1", () -> Long.MAX_VALUE, clock, () -> Instant.EPOCH);
    late.tell(EVENT);
    assertThat(late.handleNext()).isTrue();
    assertThat(clock.sleptMs().get(0)).isBetween(14_000L, 30_000L);
  }

  @Test
  void messagesFit() {
    assertThat(event("web", "x".repeat(5000)).message()).hasSize(1024);
  }
}
