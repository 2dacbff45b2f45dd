// SPDX-License-Identifier: Apache-2.0
package io.millrace.fake.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;

/** How an answer goes wrong. */
public sealed interface Fault {

  /** How a body ends before its time. */
  enum End {
    /** Properly, as far as HTTP is concerned. */
    CLEAN,
    /** The connection is closed in the middle of the body. */
    CLOSED,
    /** The connection is reset. */
    RESET,
    /** Nothing more comes, and the connection stays. */
    SILENT
  }

  /** A Status instead; retryAfterSeconds 0: without the header. */
  record Refused(int code, String reason, int retryAfterSeconds) implements Fault {}

  /** The answer ends after so many bytes of its body; -1: before its headers. */
  record Broken(long afterBytes, End end) implements Fault {}

  /** The body comes slowly. */
  record Slow(int bytesPerSecond) implements Fault {}

  /** Another body, code 200. */
  record Replaced(String body) implements Fault {}

  static Fault status(int code, int retryAfterSeconds) {
    return new Refused(code, "Injected", retryAfterSeconds);
  }

  /** 410, for lists and pages and as the answer to a watch. */
  static Fault gone() {
    return new Refused(410, "Expired", 0);
  }

  static Fault breakAfter(long bytes, End end) {
    return new Broken(bytes, end);
  }

  /** The connection is closed instead of an answer. */
  static Fault noAnswer(End end) {
    return new Broken(-1, end);
  }

  static Fault slow(int bytesPerSecond) {
    return new Slow(bytesPerSecond);
  }

  /** What a proxy in between says when the server is gone. */
  static Fault garbage() {
    return new Replaced("<html><body>upstream connect error</body></html>\n");
  }

  /** A watch that begins with an event of type ERROR, and ends. */
  static Fault errorEvent(int code) {
    ObjectNode event = Json.object().put("type", "ERROR");
    event.set("object", Json.status(code, code == 410 ? "Expired" : "Injected", "injected"));
    return new Replaced(new String(Json.bytes(event), StandardCharsets.UTF_8) + "\n");
  }
}
