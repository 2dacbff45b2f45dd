// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.fake.Await;
import io.millrace.fake.api.ApiStore;
import io.millrace.fake.api.FakeApiConfig;
import io.millrace.fake.api.FakeApiServer;
import io.millrace.model.ObjectKey;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A fake API server and a source that follows it, with little patience. */
final class ApiNode implements AutoCloseable {
  static final ApiTimings TIMINGS =
      new ApiTimings(
          Duration.ofMillis(800),
          Duration.ofMillis(700),
          Duration.ofMillis(700),
          Duration.ofMillis(5),
          Duration.ofMillis(50),
          Duration.ofSeconds(60),
          3);

  private static final int RESOURCES = Resource.values().length;

  final FakeApiServer server;
  final RecordingSink sink = new RecordingSink();
  private @Nullable KubernetesSource source;

  ApiNode(FakeApiConfig config) throws IOException {
    server = new FakeApiServer(config.withBookmarkEvery(Duration.ofMillis(100)));
    store().put("{apiVersion: v1, kind: Node, metadata: {name: n1}}");
  }

  /** With services s0 … s6, which are three pages. */
  static ApiNode withServices() throws IOException {
    ApiNode node = new ApiNode(FakeApiConfig.plain());
    for (int i = 0; i < 7; i++) {
      node.put("s" + i);
    }
    return node;
  }

  ApiStore store() {
    return server.store();
  }

  /** Creates or replaces a service; another version of it has another age. */
  void put(String name, String... spec) {
    store()
        .put(
            """
            apiVersion: v1
            kind: Service
            metadata: {name: %s, namespace: a}
            spec:
              clusterIP: 10.0.0.%d
              clusterIPs: [10.0.0.%d]
              ports: [{port: 80, protocol: TCP}]
              %s
            """
                .formatted(name, number(name), number(name), String.join("\n  ", spec)));
  }

  private static int number(String name) {
    return 1 + Math.floorMod(name.hashCode(), 250);
  }

  /** Begins to follow the server. */
  void start(ApiConfig config) throws IOException {
    // Zero is a random number, too: no jitter.
    KubernetesSource started = new KubernetesSource(config, "n1", TIMINGS, () -> 0L);
    source = started;
    started.start(sink);
  }

  String detail() {
    return source == null ? "" : source.detail();
  }

  /** Tells the owner of a Service. */
  void tell(ObjectEvent event) {
    if (source != null) {
      source.events().tell(event);
    }
  }

  long dropped() {
    return source == null ? 0 : source.events().dropped();
  }

  void awaitSynced() throws InterruptedException {
    sink.await(() -> sink.synced() == 1);
  }

  void awaitServices(String... names) throws InterruptedException {
    List<String> wanted = Arrays.stream(names).sorted().toList();
    sink.await(() -> List.copyOf(sink.names(ObjectKey.Kind.SERVICE)).equals(wanted));
  }

  /** All resources are being watched. */
  void awaitWatches() {
    Await.until("all watches", () -> server.watches() == RESOURCES);
  }

  @Override
  public void close() {
    if (source != null) {
      source.close();
    }
    server.close();
    assertThat(server.failures()).isEmpty();
  }
}
