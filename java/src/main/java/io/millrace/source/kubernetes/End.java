// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.kubernetes;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How a list or a watch came to its end.
 *
 * @param reason for people; empty if nothing is wrong
 * @param waitNs the server asks to be left alone for so long
 */
record End(Kind kind, String reason, long waitNs) {
  static final End DONE = new End(Kind.DONE, "", 0);

  private static final int REASON_BYTES = 1024;
  private static final long MAX_WAIT_S = 300;

  enum Kind {
    /** A list is complete; a watch has ended as watches do. */
    DONE,
    /** Nothing came for too long: the connection may be dead. */
    SILENT,
    /** What was asked for is too far in the past (410). */
    EXPIRED,
    /** The list is older than what is known. */
    OLDER,
    /** The server does not let us (401, 403). */
    DENIED,
    /** The server does not understand, or is not there yet. */
    REFUSED,
    /** It cannot be reached, is too busy, broke off, or cannot be understood. */
    BROKEN,
  }

  static End older(String list, String known) {
    String versions = "(resourceVersion " + list + " < " + known + ")";
    return new End(
        Kind.OLDER,
        "the API server answers with an older state " + versions + "; the newer one stays",
        0);
  }

  static End of(IOException e) {
    if (e instanceof SocketTimeoutException) {
      return new End(Kind.SILENT, String.valueOf(e.getMessage()), 0);
    }
    if (e instanceof JsonProcessingException json) {
      return new End(Kind.BROKEN, "an answer that breaks off or is no JSON: " + gist(json), 0);
    }
    String message = e.getMessage();
    return new End(Kind.BROKEN, message == null ? e.getClass().getSimpleName() : message, 0);
  }

  private static String gist(JsonProcessingException e) {
    return String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("");
  }

  /** Of an answer that is none of 200. */
  static End of(Api.Answer answer) {
    JsonNode status = ItemParser.tree(firstBytes(answer));
    return of(answer.code(), status, seconds(answer.header("Retry-After")));
  }

  /**
   * Of what the server says has gone wrong.
   *
   * @param status its {@code Status} object
   */
  static End of(int code, JsonNode status, long retryAfterS) {
    Kind kind =
        switch (code) {
          case 410 -> Kind.EXPIRED;
          case 401, 403 -> Kind.DENIED;
          case 429, 500, 502, 503 -> Kind.BROKEN;
          default -> Kind.REFUSED;
        };
    long asked = Math.max(retryAfterS, status.path("details").path("retryAfterSeconds").asLong(0));
    long waitS = Math.max(0, Math.min(MAX_WAIT_S, asked));
    String message = status.path("message").asText("");
    String reason = "the API server answers " + code + (message.isEmpty() ? "" : ": " + message);
    return new End(kind, reason, TimeUnit.SECONDS.toNanos(waitS));
  }

  private static long seconds(@Nullable String retryAfter) {
    try {
      return retryAfter == null ? 0 : Long.parseLong(retryAfter.trim());
    } catch (NumberFormatException e) {
      return 0; // a date: nobody sends those here, and the backoff does
    }
  }

  private static String firstBytes(Api.Answer answer) {
    try {
      return new String(answer.body().readNBytes(REASON_BYTES), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "";
    }
  }
}
