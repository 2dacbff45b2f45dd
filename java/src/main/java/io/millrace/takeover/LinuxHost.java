// SPDX-License-Identifier: Apache-2.0
package io.millrace.takeover;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** This one. */
public final class LinuxHost implements Host {
  private static final Duration ANSWER = Duration.ofSeconds(2);
  private static final String CHROOT = "/usr/sbin/chroot";
  private static final String SYSTEM_PATH = "/usr/sbin:/usr/bin:/sbin:/bin";

  private final @Nullable Path root;

  /**
   * @param root where the node's own file system lies, whose commands are run; null: here
   */
  public LinuxHost(@Nullable Path root) {
    this.root = root;
  }

  @Override
  public boolean has(String command) {
    return path(command).stream().anyMatch(Files::isExecutable);
  }

  private List<Path> path(String command) {
    String own = root == null ? System.getenv().getOrDefault("PATH", SYSTEM_PATH) : SYSTEM_PATH;
    return Arrays.stream(own.split(":", -1))
        .filter(folder -> !folder.isEmpty())
        .map(folder -> within(folder + "/" + command))
        .toList();
  }

  private Path within(String path) {
    return root == null ? Path.of(path) : root.resolve(path.substring(1));
  }

  @Override
  public Outcome run(List<String> command, String input) throws IOException {
    List<String> whole = new ArrayList<>();
    ProcessBuilder builder = new ProcessBuilder(whole);
    if (root != null) {
      whole.addAll(List.of(CHROOT, root.toString()));
      // That of a container leads to the container's folders.
      builder.environment().put("PATH", SYSTEM_PATH);
    }
    whole.addAll(command);
    Process process = builder.start();
    CompletableFuture<String> error =
        CompletableFuture.supplyAsync(() -> text(process.getErrorStream()));
    CompletableFuture<String> output =
        CompletableFuture.supplyAsync(() -> text(process.getInputStream()));
    try (OutputStream to = process.getOutputStream()) {
      to.write(input.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // It has ended without reading all of it; its status and complaint say why.
      error.join();
    }
    try {
      return new Outcome(process.waitFor(), output.join(), error.join());
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while " + command.get(0) + " ran", e);
    }
  }

  private static String text(InputStream from) {
    try (from) {
      return new String(from.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String read(String path) {
    try {
      return Files.readString(Path.of(path));
    } catch (IOException e) {
      return "";
    }
  }

  @Override
  public List<String> list(String folder) {
    try (Stream<Path> entries = Files.list(Path.of(folder))) {
      return entries.map(entry -> String.valueOf(entry.getFileName())).sorted().toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  @Override
  public String link(String path) {
    try {
      return Files.readSymbolicLink(Path.of(path)).toString();
    } catch (IOException e) {
      return "";
    }
  }

  @Override
  public String get(String url) {
    HttpClient client = HttpClient.newBuilder().connectTimeout(ANSWER).build();
    HttpRequest request = HttpRequest.newBuilder(URI.create(url)).timeout(ANSWER).build();
    try {
      return client.send(request, HttpResponse.BodyHandlers.ofString()).body().strip();
    } catch (IOException e) {
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }
}
