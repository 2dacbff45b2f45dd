// SPDX-License-Identifier: Apache-2.0
package io.millrace.fake.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.millrace.fake.Await;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What scripts use: a followed folder, and commands to the admin port. */
@Timeout(60)
final class FakeApiMainTest {
  @TempDir Path dir;

  private void file(String name, String text) throws IOException {
    Path next = dir.resolve("." + name);
    Files.writeString(next, text);
    Files.move(next, dir.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }

  private static String service(String name) {
    return "---\n{apiVersion: v1, kind: Service, metadata: {name: %s}}\n".formatted(name);
  }

  @Test
  void aFolderIsFollowed() throws Exception {
    ApiStore store = new ApiStore(100);
    file("a.yaml", service("one") + service("two"));
    Thread feed = new Thread(new ManifestFeed(dir, store));
    feed.start();
    assertThat(store.count(ApiResource.SERVICES)).isEqualTo(2);
    long before = store.version();

    file("a.yaml", service("one") + service("six") + service("ten"));
    Await.until(
        "the change",
        () -> store.count(ApiResource.SERVICES) == 3 && store.version() == before + 3);
    assertThat(store.get(ApiResource.SERVICES, "default", "two")).isNull();

    Files.delete(dir.resolve("a.yaml"));
    Await.until("all removed", () -> store.count(ApiResource.SERVICES) == 0);
    feed.interrupt();
    feed.join();
  }

  @Test
  void commands() throws Exception {
    try (FakeApiServer server = new FakeApiServer(FakeApiConfig.plain())) {
      ApiCalls client = new ApiCalls(server.uri());
      ApiCalls admin = new ApiCalls(server.adminUri());
      ClusterGenerator.fill(server.store(), 3, 2);
      long version = server.store().version();
      assertThat(admin.get("/_fake/churn?rate=1000&seconds=1").statusCode()).isEqualTo(200);
      Await.until("the load", () -> server.store().version() == version + 1000);

      admin.get("/_fake/stop?end=RESET");
      assertThat(catchThrowable(() -> client.get("/version"))).isInstanceOf(ConnectException.class);
      admin.get("/_fake/start");
      assertThat(client.get("/version").statusCode()).isEqualTo(200);

      admin.get("/_fake/fault?verb=list&resource=services&kind=status&code=503&wait=1&times=2");
      assertThat(client.get("/api/v1/nodes").statusCode()).isEqualTo(200);
      assertThat(client.get("/api/v1/services").statusCode()).isEqualTo(503);
      assertThat(admin.object("/_fake/stats").path("faultsLeft").asInt()).isEqualTo(1);
      assertThat(admin.object("/_fake/stats").at("/calls/list services").asInt()).isEqualTo(1);
      assertThat(admin.get("/_fake/what").statusCode()).isEqualTo(400);
      assertThat(admin.get("/_fake/fail-over").statusCode()).isEqualTo(400);
    }
  }
}
