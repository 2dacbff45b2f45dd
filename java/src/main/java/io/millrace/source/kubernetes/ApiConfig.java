// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.kubernetes;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the API server is, and who we are to it: by a kubeconfig, or as the cluster tells its pods.
 */
public final class ApiConfig {
  /** Where a pod finds who it is. */
  private static final Path ACCOUNT = Path.of("/var/run/secrets/kubernetes.io/serviceaccount");

  private static final String HOST = "KUBERNETES_SERVICE_HOST";
  private static final String PORT = "KUBERNETES_SERVICE_PORT";

  private final @Nullable Path kubeconfig;
  private final Path account;
  private final String server;

  private ApiConfig(@Nullable Path kubeconfig, Path account, String server) {
    this.kubeconfig = kubeconfig;
    this.account = account;
    this.server = server.endsWith("/") ? server.substring(0, server.length() - 1) : server;
  }

  /**
   * By a kubeconfig's current context.
   *
   * @param server asked instead of the one that the file names; null = that one
   * @throws IOException says what is wrong with it
   */
  public static ApiConfig ofKubeconfig(Path file, @Nullable String server) throws IOException {
    Kubeconfig read = Kubeconfig.read(file);
    ApiConfig config = new ApiConfig(file, ACCOUNT, url(server == null ? read.server() : server));
    config.load();
    return config;
  }

  /**
   * As the cluster tells its pods.
   *
   * @param server asked instead of the one of the environment, which is a Service's address: nobody
   *     serves that one before we do; null = that one
   * @throws IOException says what is missing
   */
  public static ApiConfig inCluster(@Nullable String server, Map<String, String> environment)
      throws IOException {
    return inCluster(server, environment, ACCOUNT);
  }

  static ApiConfig inCluster(@Nullable String server, Map<String, String> environment, Path account)
      throws IOException {
    for (String name : new String[] {"token", "ca.crt"}) {
      Path file = account.resolve(name);
      if (!Files.isReadable(file)) {
        throw new IOException(file + " cannot be read: this is no pod with a service account");
      }
    }
    return new ApiConfig(null, account, url(server == null ? server(environment) : server));
  }

  private static String server(Map<String, String> environment) throws IOException {
    String host = environment.getOrDefault(HOST, "");
    if (host.isEmpty()) {
      throw new IOException(HOST + " is not set: this is no pod of a cluster");
    }
    String authority = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
    return "https://" + authority + ":" + environment.getOrDefault(PORT, "443");
  }

  private static String url(String text) throws IOException {
    if (!text.matches("https?://[^/?#]+(/[^?#]*)?")) {
      throw new IOException("\"" + text + "\" is no URL such as https://10.0.0.1:6443");
    }
    return text;
  }

  /** For example {@code https://10.0.0.1:6443}. */
  public String server() {
    return server;
  }

  /** As the files say now: certificates and keys are renewed in place. */
  Config load() throws IOException {
    Path file = kubeconfig;
    Config config = file == null ? ofAccount() : ofFile(file);
    config.setMasterUrl(server);
    config.setUserAgent("millrace");
    config.setHttp2Disable(true);
    config.setRequestRetryBackoffLimit(0);
    return config;
  }

  private Config ofAccount() {
    return new ConfigBuilder(Config.empty())
        .withMasterUrl(server)
        .withCaCertFile(account.resolve("ca.crt").toString())
        .withOauthTokenProvider(new TokenFile(account.resolve("token"))::token)
        .build();
  }

  private static Config ofFile(Path file) throws IOException {
    Kubeconfig read = Kubeconfig.read(file);
    Config config;
    try {
      config = Config.fromKubeconfig(file.toFile());
    } catch (KubernetesClientException | IllegalArgumentException e) {
      throw new IOException(file + " cannot be used: " + e.getMessage(), e);
    }
    Path token = read.tokenFile();
    if (token != null) {
      config.setOauthTokenProvider(new TokenFile(token)::token);
    }
    if (config.getHttpsProxy() == null) {
      config.setHttpsProxy(config.getHttpProxy()); // proxy-url is one for both
    }
    ApiTls.findKeyKind(config);
    return config;
  }
}
