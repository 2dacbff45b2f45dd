// SPDX-License-Identifier: Apache-2.0
package io.millrace.fake.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** That the fake fails as it is told, and whom it lets in. */
@Timeout(60)
final class FaultsTest {
  private static final String SERVICES = "/api/v1/services";
  private static final Path RBAC = Path.of("deploy/kubernetes/rbac.yaml");

  private FakeApiServer server;
  private ApiCalls client;

  @TempDir Path dir;

  @BeforeEach
  void start() throws IOException {
    start(FakeApiConfig.plain());
    ClusterGenerator.fill(server.store(), 100, 10);
  }

  private void start(FakeApiConfig config) throws IOException {
    stop();
    server = new FakeApiServer(config);
    client = new ApiCalls(server.uri());
  }

  @AfterEach
  void stop() {
    if (server != null) {
      server.close();
      assertThat(server.failures()).isEmpty();
    }
  }

  private void next(Fault fault) {
    server.faults().next(Call.any(), fault, 1);
  }

  @Test
  void refusals() throws Exception {
    next(Fault.status(429, 7));
    var refused = client.get(SERVICES);
    assertThat(refused.statusCode()).isEqualTo(429);
    assertThat(refused.headers().firstValue("Retry-After")).contains("7");
    next(Fault.gone());
    assertThat(client.get(SERVICES).statusCode()).isEqualTo(410);
    next(Fault.garbage());
    assertThat(new String(client.get(SERVICES).body(), StandardCharsets.UTF_8))
        .startsWith("<html>");
    assertThat(client.get(SERVICES).statusCode()).isEqualTo(200);
  }

  @Test
  void onlyTheCallsThatAreMeant() throws Exception {
    server.faults().next(Call.nextPage(ApiResource.SERVICES), Fault.gone(), 1);
    String next = client.object(SERVICES + "?limit=1").at("/metadata/continue").asText();
    assertThat(server.faults().left()).isEqualTo(1);
    assertThat(client.get(SERVICES + "?limit=1&continue=" + next).statusCode()).isEqualTo(410);
    assertThat(server.stats().count(Call.list(ApiResource.SERVICES))).isEqualTo(2);
  }

  @Test
  void brokenBodies() throws Exception {
    for (Fault.End end : new Fault.End[] {Fault.End.CLOSED, Fault.End.RESET}) {
      next(Fault.breakAfter(1000, end));
      assertThatThrownBy(() -> client.get(SERVICES)).isInstanceOf(IOException.class);
      // The JDK's client tries again by itself, a few times.
      server.faults().next(Call.any(), Fault.noAnswer(end), 20);
      assertThatThrownBy(() -> client.get(SERVICES)).isInstanceOf(IOException.class);
      server.faults().clear();
    }
    next(Fault.breakAfter(1000, Fault.End.CLEAN));
    assertThat(client.get(SERVICES).body()).hasSize(1000);
  }

  @Test
  void silence() throws Exception {
    next(Fault.noAnswer(Fault.End.SILENT));
    assertThatThrownBy(
            () ->
                HttpClient.newHttpClient()
                    .send(
                        client.request(SERVICES).timeout(Duration.ofMillis(100)).build(),
                        BodyHandlers.ofByteArray()))
        .isInstanceOf(HttpTimeoutException.class);
    next(Fault.breakAfter(1000, Fault.End.SILENT));
    try (InputStream body = client.stream(SERVICES)) {
      assertThat(body.readNBytes(1000)).hasSize(1000);
      FutureTask<Integer> more = new FutureTask<>(body::read);
      Thread reader = new Thread(more);
      reader.setDaemon(true);
      reader.start();
      assertThatThrownBy(() -> more.get(100, TimeUnit.MILLISECONDS))
          .isInstanceOf(TimeoutException.class);
      server.stop(Fault.End.RESET);
      assertThatThrownBy(() -> more.get(20, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class);
    }
  }

  @Test
  void slowAnswersAreWholeInTheEnd() throws Exception {
    long sizeOfOne = client.get(SERVICES + "?limit=1").body().length;
    next(Fault.slow(50_000));
    long beginNs = System.nanoTime();
    assertThat(client.get(SERVICES + "?limit=10").body().length).isGreaterThan((int) sizeOfOne * 8);
    assertThat(System.nanoTime() - beginNs).isGreaterThan(50_000_000);
  }

  @Test
  void openWatchesEnd() throws Exception {
    String watch = SERVICES + "?watch=1&resourceVersion=" + server.store().version();
    try (InputStream body = client.stream(watch)) {
      server.endWatches(Fault.End.CLEAN);
      assertThat(body.read()).isEqualTo(-1);
    }
    assertThat(server.watches()).isZero();
    try (InputStream body = client.stream(watch)) {
      server.endWatches(Fault.End.RESET);
      assertThatThrownBy(body::read).isInstanceOf(IOException.class);
    }
  }

  @Test
  void onlyWithTheTokenAndWhatTheRoleAllows() throws Exception {
    start(FakeApiConfig.plain().withToken("secret").withRbac(Rbac.read(RBAC)));
    assertThat(client.get(SERVICES).statusCode()).isEqualTo(401);
    client = new ApiCalls(HttpClient.newHttpClient(), server.uri(), "secret");
    assertThat(client.get(SERVICES).statusCode()).isEqualTo(200);
    var forbidden = client.get("/apis/networking.k8s.io/v1/servicecidrs");
    assertThat(forbidden.statusCode()).isEqualTo(403);
    assertThat(new String(forbidden.body(), StandardCharsets.UTF_8))
        .contains("cannot list resource \\\"servicecidrs\\\"");
    assertThat(client.send("DELETE", ApiResource.SERVICES.path("a", "b"), "").statusCode())
        .isEqualTo(403);
    assertThat(client.send("POST", "/api/v1/namespaces/a/events", "{}").statusCode())
        .isEqualTo(201);
    server.setToken("other");
    assertThat(client.get(SERVICES).statusCode()).isEqualTo(401);
  }

  @Test
  void tls() throws Exception {
    FakeTls tls = FakeTls.create(dir, "fake");
    start(FakeApiConfig.plain().withTls(tls.context(), tls.ca()));
    assertThatThrownBy(() -> client.get(SERVICES)).isInstanceOf(SSLHandshakeException.class);
    KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
    trusted.load(null, null);
    try (InputStream ca = Files.newInputStream(tls.ca())) {
      trusted.setCertificateEntry(
          "ca", CertificateFactory.getInstance("X.509").generateCertificate(ca));
    }
    TrustManagerFactory managers =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, managers.getTrustManagers(), null);
    client = new ApiCalls(HttpClient.newBuilder().sslContext(context).build(), server.uri(), "");
    assertThat(client.get(SERVICES).statusCode()).isEqualTo(200);
  }

  @Test
  void theGeneratedClusterIsAsBulkyAsARealOne() throws Exception {
    int services = client.get(SERVICES).body().length / 100;
    int slices = client.get(ApiResource.ENDPOINT_SLICES.path()).body().length / 100;
    assertThat(services).isBetween(1_500, 2_000);
    assertThat(slices).isBetween(4_000, 5_000);
    var packed =
        HttpClient.newHttpClient()
            .send(
                client.request(SERVICES + "?limit=500").header("Accept-Encoding", "gzip").build(),
                BodyHandlers.ofByteArray());
    assertThat(packed.headers().firstValue("Content-Encoding")).contains("gzip");
    assertThat(packed.body().length).isLessThan(services * 20);
  }
}
