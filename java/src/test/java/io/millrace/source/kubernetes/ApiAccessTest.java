// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.fake.api.Call;
import io.millrace.fake.api.FakeApiConfig;
import io.millrace.fake.api.FakeTls;
import io.millrace.fake.api.Fault;
import io.millrace.fake.api.Rbac;
import io.millrace.fake.api.Stats;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tokens, certificates and rights. */
@Timeout(60)
final class ApiAccessTest {
  private static final Path RBAC = Path.of("deploy/kubernetes/rbac.yaml");

  private ApiNode node;

  @TempDir Path dir;

  @BeforeEach
  void makeServer() throws IOException {
    node = new ApiNode(FakeApiConfig.plain().withToken("one").withRbac(Rbac.read(RBAC)));
    node.put("s0");
  }

  @AfterEach
  void close() {
    node.close();
  }

  @Test
  void theRoleAllowsWhatIsAskedForAndNoMore() throws Exception {
    node.start(ApiConfig.ofKubeconfig(node.server.kubeconfig(dir), null));
    node.awaitSynced();
    node.awaitWatches();
    assertThat(node.sink.problems()).isEqualTo("[]");

    Stats stats = node.server.stats();
    TreeSet<String> asked =
        stats.calls().stream()
            .map(call -> call.verb() + " " + call.resource())
            .collect(Collectors.toCollection(TreeSet::new));
    TreeSet<String> allowed = new TreeSet<>();
    for (String right : Rbac.read(RBAC).rights()) {
      allowed.add(right.replaceFirst(" .*/", " "));
    }
    assertThat(allowed).containsAll(asked);
    // One object alone is read for events, and those are written.
    allowed.removeIf(right -> right.startsWith("get ") || right.endsWith(" events"));
    assertThat(asked).isEqualTo(allowed);
  }

  @Test
  void withoutRightsItSaysSo() throws Exception {
    Path role = dir.resolve("role.yaml");
    Files.writeString(
        role, Files.readString(RBAC).replace("[services, nodes, pods, namespaces]", "[pods]"));
    node.close();
    node = new ApiNode(FakeApiConfig.plain().withRbac(Rbac.read(role)));
    node.start(ApiConfig.ofKubeconfig(node.server.kubeconfig(dir), null));
    node.sink.await(() -> node.sink.problems().contains("cannot list resource \"services\""));
    assertThat(node.sink.synced()).isZero();
  }

  @Test
  void theTokenIsRenewedInItsFile() throws Exception {
    Path token = dir.resolve("token");
    Files.writeString(token, "one");
    Path kubeconfig = node.server.kubeconfig(dir);
    Files.writeString(
        kubeconfig, Files.readString(kubeconfig).replace("token: \"one\"", "tokenFile: " + token));
    node.start(ApiConfig.ofKubeconfig(kubeconfig, null));
    node.awaitSynced();
    node.awaitWatches();

    Files.writeString(token, "two");
    node.server.setToken("two");
    node.server.endWatches(Fault.End.CLOSED);
    node.put("s1");
    node.awaitServices("s0", "s1");
    assertThat(node.sink.removed()).isEmpty();
  }

  @Test
  void inCluster() throws Exception {
    useTls("fake");
    Files.writeString(dir.resolve("token"), "one");
    Files.copy(dir.resolve("fake.pem"), dir.resolve("ca.crt"));
    int port = node.server.uri().getPort();
    node.start(
        ApiConfig.inCluster(
            null,
            Map.of(
                "KUBERNETES_SERVICE_HOST",
                "127.0.0.1",
                "KUBERNETES_SERVICE_PORT",
                Integer.toString(port)),
            dir));
    node.awaitSynced();
    node.awaitServices("s0");
  }

  @Test
  void onlyTheGivenAuthorityIsTrusted() throws Exception {
    useTls("fake");
    FakeTls.create(dir, "other");
    Path kubeconfig = node.server.kubeconfig(dir);
    Files.writeString(kubeconfig, Files.readString(kubeconfig).replace("fake.pem", "other.pem"));
    node.start(ApiConfig.ofKubeconfig(kubeconfig, null));
    node.sink.await(() -> node.sink.problems().contains("nothing is known yet"));
    assertThat(node.server.stats().count(Call.any())).isZero();
  }

  private void useTls(String name) throws IOException {
    FakeTls tls = FakeTls.create(dir, name);
    node.close();
    node = new ApiNode(FakeApiConfig.plain().withToken("one").withTls(tls.context(), tls.ca()));
    node.put("s0");
  }
}
