// SPDX-License-Identifier: Apache-2.0
package io.millrace.fake.api;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The fake API server as a program, for benches and end-to-end tests. Runs until it is killed. */
@Command(name = "fake-api", mixinStandardHelpOptions = true)
public final class FakeApiMain implements Callable<Integer> {
  @Option(names = "--listen", description = "HOST:PORT", defaultValue = "127.0.0.1:6443")
  private String listen = "";

  @Option(names = "--admin", description = "HOST:PORT", defaultValue = "127.0.0.1:6444")
  private String admin = "";

  @Option(names = "--token", description = "what clients must send", defaultValue = "")
  private String token = "";

  @Option(names = "--rbac", description = "manifest whose ClusterRole says what clients may do")
  private @Nullable Path rbac;

  @Option(names = "--manifests", description = "folder whose objects are served, and followed")
  private @Nullable Path manifests;

  @Option(names = "--generate", description = "SERVICESxENDPOINTS: a large cluster")
  private String generate = "";

  @Option(names = "--policies", description = "PODSxPOLICIESxBLOCKS: a large cluster with policies")
  private String policies = "";

  @Option(
      names = "--kubeconfig",
      description = "is written when the server is ready",
      required = true)
  private Path kubeconfig = Path.of("");

  @Option(
      names = "--history",
      description = "changes that watches can go back",
      defaultValue = "10000")
  private int history;

  @Option(names = "--bookmarks", description = "seconds between bookmarks", defaultValue = "60")
  private int bookmarks;

  @Option(names = "--tls", description = "with a certificate for loopback addresses, made anew")
  private boolean tls;

  private FakeApiMain() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    FakeApiConfig config =
        FakeApiConfig.plain()
            .at(address(listen), address(admin))
            .withToken(token)
            .withHistory(history)
            .withBookmarkEvery(Duration.ofSeconds(bookmarks));
    if (rbac != null) {
      config = config.withRbac(Rbac.read(rbac));
    }
    if (tls) {
      FakeTls made =
          FakeTls.create(requireNonNull(kubeconfig.toAbsolutePath().getParent()), "fake");
      config = config.withTls(made.context(), made.ca());
    }
    try (FakeApiServer server = new FakeApiServer(config)) {
      fill(server.store());
      Path folder = Files.createTempDirectory(kubeconfig.toAbsolutePath().getParent(), ".fake-api");
      Files.move(server.kubeconfig(folder), kubeconfig, StandardCopyOption.ATOMIC_MOVE);
      Files.delete(folder);
      new CountDownLatch(1).await();
      return 0;
    }
  }

  private void fill(ApiStore store) throws IOException {
    if (!generate.isEmpty()) {
      String[] numbers = generate.split("x", 2);
      ClusterGenerator.fill(store, Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1]));
    }
    if (!policies.isEmpty()) {
      PolicyGenerator.fill(store, PolicyGenerator.Sizes.parse(policies));
    }
    if (manifests != null) {
      Thread follower = new Thread(new ManifestFeed(manifests, store), "manifests");
      follower.setDaemon(true);
      follower.start();
    }
  }

  private static InetSocketAddress address(String text) {
    URI uri = URI.create("tcp://" + text);
    if (uri.getHost() == null || uri.getPort() < 0) {
      throw new IllegalArgumentException("not HOST:PORT: " + text);
    }
    return new InetSocketAddress(uri.getHost().replaceAll("[\\[\\]]", ""), uri.getPort());
  }

  /** Starts it. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new FakeApiMain()).execute(arguments));
  }
}
