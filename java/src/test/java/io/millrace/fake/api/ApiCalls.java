// SPDX-License-Identifier: Apache-2.0
package io.millrace.fake.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** A plain client, which does nothing by itself. */
final class ApiCalls {
  private final HttpClient client;
  private final URI server;
  private final String token;

  ApiCalls(HttpClient client, URI server, String token) {
    this.client = client;
    this.server = server;
    this.token = token;
  }

  ApiCalls(URI server) {
    this(HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build(), server, "");
  }

  HttpRequest.Builder request(String path) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(server.resolve(path)).timeout(Duration.ofSeconds(20));
    return token.isEmpty() ? request : request.header("Authorization", "Bearer " + token);
  }

  HttpResponse<byte[]> get(String path) throws IOException, InterruptedException {
    return client.send(request(path).build(), BodyHandlers.ofByteArray());
  }

  ObjectNode object(String path) throws IOException, InterruptedException {
    return Json.parse(get(path).body());
  }

  HttpResponse<byte[]> send(String method, String path, String body)
      throws IOException, InterruptedException {
    return client.send(
        request(path).method(method, HttpRequest.BodyPublishers.ofString(body)).build(),
        BodyHandlers.ofByteArray());
  }

  /** The body as it comes; the caller closes it. */
  InputStream stream(String path) throws IOException, InterruptedException {
    return client.send(request(path).build(), BodyHandlers.ofInputStream()).body();
  }
}
