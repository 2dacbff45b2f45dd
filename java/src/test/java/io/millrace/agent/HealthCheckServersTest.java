// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.compile.HealthCheck;
import io.millrace.compile.HealthChecks;
import io.millrace.http.HttpServers;
import io.millrace.model.Ip;
import io.millrace.model.ServiceKey;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Health check ports as load balancers see them: S-130 … S-136. */
@Timeout(60)
class HealthCheckServersTest {
  private static final InetAddress HERE = InetAddress.getLoopbackAddress();
  private static final Ip HERE_IP = Ip.parse("127.0.0.1");
  private static final ServiceKey WEB = new ServiceKey("default", "web");
  private static final ServiceKey API = new ServiceKey("default", "api");

  private final HttpServers http = start();
  private final ProblemBoard problems = new ProblemBoard(System::nanoTime);
  private volatile boolean healthy = true;
  private HealthChecks wanted = HealthChecks.NONE;
  private final HealthCheckServers servers =
      new HealthCheckServers(http, () -> wanted, () -> healthy, problems);

  private static HttpServers start() {
    try {
      return HttpServers.start();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @AfterEach
  void close() {
    http.close();
  }

  @Test
  void aNodeWithEndpointsSaysHowMany() throws Exception {
    int port = freePort();
    serve(Map.of(WEB, new HealthCheck(port, 2)));
    for (String request : List.of("GET /", "POST /any/path?x=y", "OPTIONS *")) {
      String answer = ask(port, request);
      assertThat(answer)
          .startsWith("HTTP/1.1 200 OK\r\n")
          .contains("\r\ncontent-type: application/json\r\n")
          .contains("\r\nX-Content-Type-Options: nosniff\r\n")
          .contains("\r\nX-Load-Balancing-Endpoint-Weight: 2\r\n")
          .endsWith(
              "\r\n\r\n{\n\t\"service\": {\n\t\t\"namespace\": \"default\",\n\t\t\"name\": \"web\"\n\t},\n"
                  + "\t\"localEndpoints\": 2,\n\t\"serviceProxyHealthy\": true\n}");
    }
  }

  @Test
  void aNodeWithoutEndpointsTakesNoTraffic() throws Exception {
    int port = freePort();
    serve(Map.of(WEB, new HealthCheck(port, 0)));
    assertThat(ask(port, "GET /"))
        .startsWith("HTTP/1.1 503 Service Unavailable\r\n")
        .contains("\r\nX-Load-Balancing-Endpoint-Weight: 0\r\n")
        .contains("\"localEndpoints\": 0,\n\t\"serviceProxyHealthy\": true\n");
    serve(Map.of(WEB, new HealthCheck(port, 1)));
    assertThat(ask(port, "GET /")).startsWith("HTTP/1.1 200 ");
  }

  @Test
  void norDoesOneWhoseKernelDoesNotFollow() throws Exception {
    int port = freePort();
    serve(Map.of(WEB, new HealthCheck(port, 3)));
    healthy = false;
    assertThat(ask(port, "GET /"))
        .startsWith("HTTP/1.1 503 ")
        .contains("\"localEndpoints\": 3,\n\t\"serviceProxyHealthy\": false\n");
    healthy = true;
    assertThat(ask(port, "GET /")).startsWith("HTTP/1.1 200 ");
  }

  @Test
  void portsFollowTheirServices() throws Exception {
    int first = freePort();
    int second = freePort();
    serve(Map.of(WEB, new HealthCheck(first, 1)));
    serve(Map.of(WEB, new HealthCheck(second, 1)));
    assertThat(ask(second, "GET /")).contains("\"web\"");
    assertThat(isRefused(first)).isTrue();
    // given to another Service at the same moment
    serve(Map.of(WEB, new HealthCheck(first, 1), API, new HealthCheck(second, 1)));
    assertThat(ask(first, "GET /")).contains("\"web\"");
    assertThat(ask(second, "GET /")).contains("\"api\"");
    serve(Map.of());
    assertThat(isRefused(first)).isTrue();
    assertThat(isRefused(second)).isTrue();
    assertThat(problems.count()).isZero();
  }

  @Test
  void aPortThatIsTakenIsAProblemOfItsService() throws Exception {
    CountDownLatch mended = new CountDownLatch(1);
    int port;
    try (ServerSocket taken = new ServerSocket(0, 1, HERE)) {
      port = taken.getLocalPort();
      int other = freePort();
      serve(Map.of(WEB, new HealthCheck(port, 1), API, new HealthCheck(other, 1)));
      assertThat(problems.list(9))
          .singleElement()
          .hasToString(
              "Entry[source=health ports, problem=Service default/web,"
                  + " spec.healthCheckNodePort: cannot listen on 127.0.0.1:"
                  + port
                  + ": Address already in use; it is tried again]");
      assertThat(ask(other, "GET /")).startsWith("HTTP/1.1 200 ");
    }
    while (problems.count() > 0) {
      assertThat(mended.await(20, TimeUnit.MILLISECONDS)).isFalse();
    }
    assertThat(ask(port, "GET /")).startsWith("HTTP/1.1 200 ");
  }

  @Test
  void oneOfTwoServicesGetsAPort() throws Exception {
    int port = freePort();
    serve(Map.of(WEB, new HealthCheck(port, 1), API, new HealthCheck(port, 1)));
    assertThat(ask(port, "GET /")).contains("\"api\"");
    assertThat(problems.list(9))
        .singleElement()
        .asString()
        .contains("Service default/web")
        .contains(port + " is that of Service default/api");
    serve(Map.of(WEB, new HealthCheck(port, 1)));
    assertThat(ask(port, "GET /")).contains("\"web\"");
    assertThat(problems.count()).isZero();
  }

  @Test
  void anAddressThatIsNotThereYetIsWaitedFor() throws Exception {
    int port = freePort();
    Ip later = Ip.parse("192.0.2.77");
    servers
        .update(new HealthChecks(List.of(HERE_IP, later), Map.of(WEB, new HealthCheck(port, 1))))
        .join();
    assertThat(ask(port, "GET /")).startsWith("HTTP/1.1 200 ");
    assertThat(problems.list(9))
        .singleElement()
        .asString()
        .contains("192.0.2.77:" + port + ": Cannot assign requested address");
    serve(Map.of(WEB, new HealthCheck(port, 1)));
    assertThat(problems.count()).isZero();
  }

  @Test
  void withoutRestrictionEveryAddressHasThem() throws Exception {
    int port = freePort();
    wanted = new HealthChecks(null, Map.of(WEB, new HealthCheck(port, 1)));
    servers.update(wanted).join();
    for (String address : List.of("127.0.0.1", "127.0.0.9", "::1")) {
      assertThat(ask(InetAddress.getByName(address), port, "GET /")).startsWith("HTTP/1.1 200 ");
    }
  }

  private void serve(Map<ServiceKey, HealthCheck> checks) {
    servers.update(new HealthChecks(List.of(HERE_IP), checks)).join();
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, HERE)) {
      return free.getLocalPort();
    }
  }

  private static boolean isRefused(int port) throws IOException {
    try (Socket open = new Socket(HERE, port)) {
      return !open.isConnected();
    } catch (ConnectException e) {
      return true;
    }
  }

  private static String ask(int port, String request) throws IOException {
    return ask(HERE, port, request);
  }

  private static String ask(InetAddress at, int port, String request) throws IOException {
    try (Socket client = new Socket(at, port)) {
      String all = request + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
      client.getOutputStream().write(all.getBytes(StandardCharsets.US_ASCII));
      return new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
