// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.kubernetes;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpClient.Version;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The API server over HTTP/1.1: each watch has a connection of its own, so that a dead one takes no
 * other with it. What it needs of certificates, tokens, kubeconfigs and proxies is the library's.
 */
final class ApiClient implements Api, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ApiClient.class);

  /** The client's own tasks; none of them waits for anything. */
  private static final int THREADS = 3;

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** So many refusals in a row may mean that a certificate or a key has been renewed. */
  private static final int DOUBTS = 3;

  private static final long REBUILD_NS = TimeUnit.SECONDS.toNanos(30);

  private final ApiConfig config;
  private final ThreadPoolExecutor threads;
  private HttpClient http;
  private long builtNs;
  private int doubts;

  ApiClient(ApiConfig config) throws IOException {
    this.config = config;
    threads =
        new ThreadPoolExecutor(
            THREADS, THREADS, 30, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), ApiClient::thread);
    threads.allowCoreThreadTimeOut(true);
    http = build();
    builtNs = System.nanoTime();
  }

  private static Thread thread(Runnable task) {
    Thread thread = new Thread(task, "millrace-api");
    thread.setDaemon(true);
    return thread;
  }

  private HttpClient build() throws IOException {
    Config now = config.load();
    SSLContext tls = ApiTls.context(now);
    try {
      return new Factory(tls).newBuilder(now).build();
    } catch (RuntimeException e) {
      throw new IOException("no client for " + config.server() + ": " + e.getMessage(), e);
    }
  }

  private final class Factory extends JdkHttpClientFactory {
    private final @Nullable SSLContext tls;

    Factory(@Nullable SSLContext tls) {
      this.tls = tls;
    }

    @Override
    protected java.net.http.HttpClient.Builder createNewHttpClientBuilder() {
      return java.net.http.HttpClient.newBuilder().executor(threads);
    }

    @Override
    protected void additionalConfig(java.net.http.HttpClient.Builder builder) {
      builder.followRedirects(Redirect.NEVER).version(Version.HTTP_1_1);
      if (tls != null) {
        builder.sslContext(tls);
      }
    }
  }

  @Override
  public Answer get(String pathAndQuery, boolean compress, Duration headers, Duration silence)
      throws IOException, InterruptedException {
    HttpClient client = client();
    HttpRequest.Builder request = client.newHttpRequestBuilder();
    request.uri(config.server() + pathAndQuery);
    if (compress) {
      request.header("Accept-Encoding", "gzip");
    }
    return ask(client, request, headers, silence);
  }

  @Override
  public Answer send(String method, String path, String contentType, byte[] body)
      throws IOException, InterruptedException {
    HttpClient client = client();
    HttpRequest.Builder request = client.newHttpRequestBuilder();
    request.uri(config.server() + path);
    request.method(method, contentType, new String(body, StandardCharsets.UTF_8));
    return ask(client, request, PATIENCE, PATIENCE);
  }

  private Answer ask(
      HttpClient client, HttpRequest.Builder request, Duration headers, Duration silence)
      throws IOException, InterruptedException {
    request.header("Accept", "application/json");
    request.timeout(headers.toMillis(), TimeUnit.MILLISECONDS);
    BodyStream body = new BodyStream(silence);
    CompletableFuture<HttpResponse<AsyncBody>> coming = null;
    try {
      coming = client.consumeBytes(request.build(), body);
      HttpResponse<AsyncBody> response = coming.get(headers.toMillis() * 2, TimeUnit.MILLISECONDS);
      judge(response.code() == 401);
      body.follow(response.body());
      return new HttpAnswer(response, body);
    } catch (ExecutionException e) {
      throw failure(e.getCause() == null ? e : e.getCause());
    } catch (TimeoutException e) {
      throw new IOException("no answer for " + headers.toSeconds() + " s", e);
    } catch (RuntimeException e) {
      throw failure(e);
    } finally {
      if (coming != null) {
        coming.cancel(false); // does nothing to an answer that is there
      }
    }
  }

  private IOException failure(Throwable cause) {
    judge(cause instanceof SSLException);
    String message = cause.getMessage();
    if (message == null || message.isEmpty()) {
      message =
          cause instanceof ConnectException
              ? "it takes no connections"
              : cause.getClass().getSimpleName();
    }
    return new IOException("no answer from " + config.server() + ": " + message, cause);
  }

  private synchronized HttpClient client() {
    return http;
  }

  /** After several doubtful answers in a row, certificates and keys are read anew. */
  private synchronized void judge(boolean doubtful) {
    doubts = doubtful ? doubts + 1 : 0;
    if (doubts < DOUBTS || System.nanoTime() - builtNs < REBUILD_NS) {
      return;
    }
    doubts = 0;
    builtNs = System.nanoTime();
    try {
      HttpClient before = http;
      http = build();
      before.close();
      log.info("certificates and keys for {} have been read anew", config.server());
    } catch (IOException e) {
      log.warn("certificates and keys cannot be read anew: {}", e.getMessage());
    }
  }

  @Override
  public synchronized void close() {
    http.close();
    threads.shutdownNow();
  }
}
