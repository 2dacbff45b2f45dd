// SPDX-License-Identifier: Apache-2.0
package io.millrace.fake.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is to be answered. */
record Answer(int code, Map<String, String> headers, Body body) {

  /** Made as the client takes it. */
  interface Body {
    /** The next piece, or null if there is none now. */
    byte @Nullable [] next();

    /** Whether there will be no more, once {@link #next} says null. */
    boolean ended();
  }

  static Body of(List<byte[]> pieces) {
    Deque<byte[]> left = new ArrayDeque<>(pieces);
    return new Body() {
      @Override
      public byte @Nullable [] next() {
        return left.poll();
      }

      @Override
      public boolean ended() {
        return true;
      }
    };
  }

  static Answer of(int code, byte[] body) {
    return new Answer(code, Map.of(), of(List.of(body)));
  }

  static Answer text(String text) {
    return of(200, Json.utf8(text));
  }

  static Answer status(int code, String reason, String message) {
    return of(code, Json.bytes(Json.status(code, reason, message)));
  }

  static Answer refused(Fault.Refused fault) {
    ObjectNode status = Json.status(fault.code(), fault.reason(), "injected");
    int wait = fault.retryAfterSeconds();
    Map<String, String> headers =
        wait == 0 ? Map.of() : Map.of("Retry-After", Integer.toString(wait));
    return new Answer(fault.code(), headers, of(List.of(Json.bytes(status))));
  }
}
