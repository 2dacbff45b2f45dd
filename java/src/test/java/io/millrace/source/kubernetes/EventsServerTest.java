// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.fake.Await;
import io.millrace.fake.api.ApiResource;
import io.millrace.fake.api.Call;
import io.millrace.fake.api.FakeApiConfig;
import io.millrace.fake.api.Fault;
import io.millrace.fake.api.Rbac;
import io.millrace.model.ObjectKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Events on Services, at a server over HTTP that allows what deploy/kubernetes does. */
@Timeout(60)
final class EventsServerTest {
  private static final Path RBAC = Path.of("deploy/kubernetes/rbac.yaml");
  private static final ObjectEvent EVENT =
      ObjectEvent.ofService("a", "s0", "NotProgrammed", "port http: taken");

  private @Nullable ApiNode node;

  @TempDir Path dir;

  @AfterEach
  void close() {
    if (node != null) {
      node.close();
    }
  }

  private ApiNode start(Path role) throws Exception {
    ApiNode started = new ApiNode(FakeApiConfig.plain().withRbac(Rbac.read(role)));
    node = started;
    started.put("s0");
    started.start(ApiConfig.ofKubeconfig(started.server.kubeconfig(dir), null));
    return started;
  }

  private static List<JsonNode> events(ApiNode at) {
    return at.store().trees(ApiResource.EVENTS);
  }

  private static int count(ApiNode at, String verb) {
    return at.server
        .stats()
        .count(call -> call.verb().equals(verb) && call.resource().equals("events"));
  }

  @Test
  void theServiceHasTheEvent() throws Exception {
    ApiNode at = start(RBAC);
    at.tell(EVENT);
    Await.until("one event", () -> events(at).size() == 1);
    JsonNode event = events(at).get(0);
    JsonNode service = at.store().trees(ApiResource.SERVICES).get(0);
    assertThat(event.path("message").asText()).isEqualTo("port http: taken");
    assertThat(event.at("/involvedObject/uid").asText())
        .isEqualTo(service.at("/metadata/uid").asText())
        .isNotEmpty();
    assertThat(event.at("/source/host").asText()).isEqualTo("n1");
    assertThat(at.dropped()).isZero();
  }

  @Test
  void aNetworkPolicyHasEventsToo() throws Exception {
    ApiNode at = start(RBAC);
    at.store()
        .put(
            """
            {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: p, namespace: a},
             spec: {podSelector: {}}}
            """);
    ObjectKey key = new ObjectKey(ObjectKey.Kind.POLICY, "a", "p");
    at.tell(new ObjectEvent(key, "NotProgrammed", "spec.ingress: too many"));
    Await.until("one event", () -> events(at).size() == 1);
    JsonNode about = events(at).get(0).path("involvedObject");
    assertThat(about.path("apiVersion").asText()).isEqualTo("networking.k8s.io/v1");
    assertThat(about.path("kind").asText()).isEqualTo("NetworkPolicy");
    assertThat(about.path("uid").asText())
        .isEqualTo(
            at.store().trees(ApiResource.NETWORK_POLICIES).get(0).at("/metadata/uid").asText())
        .isNotEmpty();
  }

  @Test
  void theAgentAfterTakesUpWhatTheOneBeforeHasTold() throws Exception {
    ApiNode at = start(RBAC);
    at.tell(EVENT);
    Await.until("one event", () -> events(at).size() == 1);
    at.start(ApiConfig.ofKubeconfig(at.server.kubeconfig(dir), null));
    at.tell(EVENT);
    Await.until("a patch", () -> count(at, "patch") == 1);
    assertThat(events(at)).hasSize(1);
    assertThat(events(at).get(0).path("message").asText()).isEqualTo("port http: taken");
  }

  @Test
  void aServerThatIsBusyIsAskedAgain() throws Exception {
    ApiNode at = start(RBAC);
    at.awaitSynced();
    at.server.faults().next(call -> call.verb().equals("create"), Fault.status(429, 0), 1);
    at.tell(EVENT);
    Await.until("one event", () -> events(at).size() == 1);
    assertThat(count(at, "create")).isEqualTo(2);
  }

  @Test
  void withoutTheRightItIsSilent() throws Exception {
    ApiNode at = start(without("events"));
    at.tell(EVENT);
    Await.until("a create", () -> count(at, "create") == 1);
    at.tell(ObjectEvent.ofService("a", "s0", "NotProgrammed", "another"));
    Await.until("two dropped", () -> at.dropped() == 2);
    assertThat(count(at, "create")).isOne();
    assertThat(events(at)).isEmpty();
    at.awaitSynced();
    assertThat(at.sink.problems()).isEqualTo("[]");
  }

  /** The role, but for one resource. */
  private Path without(String resource) throws IOException {
    String text = Files.readString(RBAC);
    assertThat(text).contains("resources: [" + resource + "]");
    Path role = dir.resolve("role.yaml");
    Files.writeString(role, text.replace("resources: [" + resource + "]", "resources: [none]"));
    return role;
  }

  @Test
  void aServiceThatIsGoneHasNone() throws Exception {
    ApiNode at = start(RBAC);
    at.tell(ObjectEvent.ofService("a", "gone", "NotProgrammed", "x"));
    at.tell(EVENT);
    Await.until("one event", () -> events(at).size() == 1);
    assertThat(at.server.stats().count(Call.any().and(call -> call.path().endsWith("/gone"))))
        .isOne();
    assertThat(count(at, "create")).isOne();
  }
}
