// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ApiConfigTest {
  @TempDir static Path keys;
  @TempDir Path dir;

  private static ClientKeys rsa;
  private static ClientKeys ec;

  @BeforeAll
  static void makeKeys() throws Exception {
    rsa = ClientKeys.make(keys, "RSA");
    ec = ClientKeys.make(keys, "EC");
  }

  private Path kubeconfig(String cluster, String user) throws IOException {
    Path file = dir.resolve("kubeconfig");
    Files.writeString(
        file,
        """
        apiVersion: v1
        kind: Config
        current-context: here
        contexts:
        - name: here
          context: {cluster: c, user: u}
        clusters:
        - name: c
          cluster: {%s}
        users:
        - name: u
          user: {%s}
        """
            .formatted(cluster, user));
    return file;
  }

  private static String token(Config config) {
    return config.getOauthTokenProvider().getToken();
  }

  @Test
  void aKubeconfigNamesServerAndToken() throws IOException {
    Path file = kubeconfig("server: 'https://10.0.0.1:6443/'", "token: abc");
    ApiConfig config = ApiConfig.ofKubeconfig(file, null);
    assertThat(config.server()).isEqualTo("https://10.0.0.1:6443");
    Config loaded = config.load();
    assertThat(loaded.getMasterUrl()).isEqualTo("https://10.0.0.1:6443/");
    assertThat(loaded.getAutoOAuthToken()).isEqualTo("abc");
    assertThat(loaded.getRequestRetryBackoffLimit()).isZero();
  }

  @Test
  void aTokenFileIsReadEachTime() throws IOException {
    Path token = dir.resolve("token");
    Files.writeString(token, "one\n");
    Path file = kubeconfig("server: 'https://10.0.0.1:6443'", "tokenFile: token");
    Config loaded = ApiConfig.ofKubeconfig(file, null).load();
    assertThat(token(loaded)).isEqualTo("one");
    Files.writeString(token, "two\n");
    assertThat(token(loaded)).isEqualTo("two");
    Files.writeString(token, "");
    assertThat(token(loaded)).isEqualTo("two");
    Files.delete(token);
    assertThat(token(loaded)).isEqualTo("two");
  }

  @Test
  void theServerCanBeAnotherOne() throws IOException {
    Path file = kubeconfig("server: 'https://10.96.0.1:443'", "token: abc");
    ApiConfig config = ApiConfig.ofKubeconfig(file, "https://192.0.2.1:6443");
    assertThat(config.server()).isEqualTo("https://192.0.2.1:6443");
    assertThat(config.load().getMasterUrl()).isEqualTo("https://192.0.2.1:6443/");
    assertThatThrownBy(() -> ApiConfig.ofKubeconfig(file, "192.0.2.1:6443"))
        .hasMessage("\"192.0.2.1:6443\" is no URL such as https://10.0.0.1:6443");
  }

  @Test
  void aKubeconfigThatIsNotWholeSaysWhatIsMissing() throws IOException {
    assertThatThrownBy(() -> ApiConfig.ofKubeconfig(dir.resolve("none"), null))
        .hasMessage(dir.resolve("none") + " is not there");
    Path file = kubeconfig("x: y", "token: abc");
    assertThatThrownBy(() -> ApiConfig.ofKubeconfig(file, null))
        .hasMessage(file + ": the cluster of context here names no server");
    Files.writeString(file, Files.readString(file).replace("name: u", "name: v"));
    assertThatThrownBy(() -> ApiConfig.ofKubeconfig(file, "https://a"))
        .hasMessage(file + ": the cluster of context here names no server");
    Path other = kubeconfig("server: 'https://a'", "token: abc");
    Files.writeString(other, Files.readString(other).replace("name: u", "name: v"));
    assertThatThrownBy(() -> ApiConfig.ofKubeconfig(other, null))
        .hasMessage(other + " has none of the name \"u\" among its users");
    Files.writeString(other, "kind: Config\n");
    assertThatThrownBy(() -> ApiConfig.ofKubeconfig(other, null))
        .hasMessage(other + " has no current-context: set one");
    Files.writeString(other, "a: [b\n");
    assertThatThrownBy(() -> ApiConfig.ofKubeconfig(other, null))
        .hasMessageStartingWith(other + " is no kubeconfig: ");
  }

  @Test
  void aPodKnowsWhoItIs() throws IOException {
    Files.writeString(dir.resolve("token"), "abc");
    Files.writeString(dir.resolve("ca.crt"), rsa.certificatePem());
    Map<String, String> v6 =
        Map.of("KUBERNETES_SERVICE_HOST", "fd00::1", "KUBERNETES_SERVICE_PORT", "8443");
    ApiConfig config = ApiConfig.inCluster(null, v6, dir);
    assertThat(config.server()).isEqualTo("https://[fd00::1]:8443");
    assertThat(token(config.load())).isEqualTo("abc");
    assertThat(ApiTls.context(config.load())).isNotNull();
    assertThat(ApiConfig.inCluster("https://n1:6443", Map.of(), dir).server())
        .isEqualTo("https://n1:6443");
  }

  @Test
  void whoIsNoPodIsTold() throws IOException {
    assertThatThrownBy(() -> ApiConfig.inCluster(null, Map.of(), dir))
        .hasMessage(dir + "/token cannot be read: this is no pod with a service account");
    Files.writeString(dir.resolve("token"), "abc");
    Files.writeString(dir.resolve("ca.crt"), "");
    assertThatThrownBy(() -> ApiConfig.inCluster(null, Map.of(), dir))
        .hasMessage("KUBERNETES_SERVICE_HOST is not set: this is no pod of a cluster");
  }

  @Test
  void anAuthorityWithoutACertificateIsRefused() throws IOException {
    Files.writeString(dir.resolve("ca.crt"), "no certificate\n");
    Path file =
        kubeconfig("server: 'https://10.0.0.1:6443', certificate-authority: ca.crt", "token: a");
    Config config = ApiConfig.ofKubeconfig(file, null).load();
    assertThatThrownBy(() -> ApiTls.context(config)).isInstanceOf(IOException.class);
  }

  @Test
  void oneProxyIsForBothSchemes() throws IOException {
    Path file =
        kubeconfig("server: 'https://10.0.0.1:6443', proxy-url: 'http://p:3128'", "token: a");
    assertThat(ApiConfig.ofKubeconfig(file, null).load().getHttpsProxy())
        .isEqualTo("http://p:3128");
  }

  private enum Key {
    RSA_PKCS8,
    RSA_PKCS1,
    EC_PKCS8,
    EC_SEC1
  }

  /** Without the library that the client would like to have for them. */
  @ParameterizedTest
  @EnumSource(Key.class)
  void clientKeysOfAllKindsCanBeUsed(Key key) throws Exception {
    ClientKeys kind = key.name().startsWith("RSA") ? rsa : ec;
    Files.writeString(dir.resolve("cert.pem"), kind.certificatePem());
    boolean wrapped = key.name().endsWith("PKCS8");
    Files.writeString(dir.resolve("key.pem"), wrapped ? kind.pkcs8Pem() : kind.plainPem());
    Files.writeString(dir.resolve("ca.pem"), kind.certificatePem());
    Path file =
        kubeconfig(
            "server: 'https://10.0.0.1:6443', certificate-authority: ca.pem",
            "client-certificate: cert.pem, client-key: key.pem");
    SSLContext context = ApiTls.context(ApiConfig.ofKubeconfig(file, null).load());
    assertThat(context).isNotNull();
  }
}
