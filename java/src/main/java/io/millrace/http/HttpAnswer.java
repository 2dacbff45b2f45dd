// SPDX-License-Identifier: Apache-2.0
package io.millrace.http;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * An answer; {@code Content-Length}, {@code Date} and {@code Connection} are added.
 *
 * @param type {@code Content-Type}
 * @param headers other headers
 */
public record HttpAnswer(int code, String type, Map<String, String> headers, byte[] body) {
  private static final String TEXT = "text/plain; charset=utf-8";

  /** Forbids clients to guess another type than the one that is given. */
  private static final Map<String, String> NO_SNIFFING =
      Map.of("X-Content-Type-Options", "nosniff");

  /** As every path that means nothing is answered. */
  public static final HttpAnswer NOT_FOUND = text(404, "404 page not found\n");

  public HttpAnswer {
    headers = Map.copyOf(headers);
  }

  /** A few words for people. */
  public static HttpAnswer text(int code, String body) {
    return of(code, TEXT, body);
  }

  /** A JSON document. */
  public static HttpAnswer json(int code, String body) {
    return of(code, "application/json", body);
  }

  private static HttpAnswer of(int code, String type, String body) {
    return new HttpAnswer(code, type, NO_SNIFFING, body.getBytes(StandardCharsets.UTF_8));
  }

  /** The same with one more header. */
  public HttpAnswer with(String header, String value) {
    Map<String, String> all = new java.util.TreeMap<>(headers);
    all.put(header, value);
    return new HttpAnswer(code, type, all, body);
  }
}
