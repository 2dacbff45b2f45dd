// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.kubernetes;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** An answer of the API server. */
final class HttpAnswer implements Api.Answer {
  private static final int BUFFER_BYTES = 16 << 10;

  private final HttpResponse<AsyncBody> response;
  private final BodyStream body;

  HttpAnswer(HttpResponse<AsyncBody> response, BodyStream body) {
    this.response = response;
    this.body = body;
  }

  @Override
  public int code() {
    return response.code();
  }

  @Override
  public @Nullable String header(String name) {
    return response.headers(name).stream().findFirst().orElse(null);
  }

  @Override
  public InputStream body() throws IOException {
    boolean compressed = "gzip".equalsIgnoreCase(header("Content-Encoding"));
    return compressed ? new GZIPInputStream(body, BUFFER_BYTES) : body;
  }

  @Override
  public void close() {
    body.close();
  }
}
