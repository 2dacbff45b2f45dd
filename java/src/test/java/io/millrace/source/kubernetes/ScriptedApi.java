// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.kubernetes;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Answers what it is told to, one after the other; then it interrupts who asks. */
final class ScriptedApi implements Api {
  private final FakeClock clock;
  private final ArrayDeque<Step> steps = new ArrayDeque<>();
  private final List<String> asked = new ArrayList<>();

  private interface Step {
    Answer answer() throws IOException;
  }

  ScriptedApi(FakeClock clock) {
    this.clock = clock;
  }

  /** What was asked so far. */
  List<String> asked() {
    return asked;
  }

  ScriptedApi unreachable() {
    steps.add(
        () -> {
          throw new IOException("no answer from https://api: it takes no connections");
        });
    return this;
  }

  ScriptedApi answers(String body) {
    return answers(200, Map.of(), body);
  }

  ScriptedApi answers(int code, Map<String, String> headers, String body) {
    steps.add(() -> answer(code, headers, stream(body), Duration.ZERO));
    return this;
  }

  /** A body that takes some time to its end. */
  ScriptedApi lasts(Duration time, String body) {
    steps.add(() -> answer(200, Map.of(), stream(body), time));
    return this;
  }

  /** A body after which nothing more comes, and no end either. */
  ScriptedApi fallsSilent(Duration after, String body) {
    steps.add(
        () -> answer(200, Map.of(), new SequenceInputStream(stream(body), new Silence()), after));
    return this;
  }

  /** Something that breaks the reader. */
  ScriptedApi throwsAtUs(RuntimeException e) {
    steps.add(
        () -> {
          throw e;
        });
    return this;
  }

  private static final class Silence extends InputStream {
    @Override
    public int read() throws IOException {
      throw new SocketTimeoutException("the API server says nothing for 180 s");
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      return read();
    }
  }

  private static InputStream stream(String body) {
    return new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8));
  }

  private Answer answer(int code, Map<String, String> headers, InputStream body, Duration lasting) {
    return new Answer() {
      @Override
      public int code() {
        return code;
      }

      @Override
      public @Nullable String header(String name) {
        return headers.get(name);
      }

      @Override
      public InputStream body() {
        return body;
      }

      @Override
      public void close() {
        clock.pass(lasting);
      }
    };
  }

  @Override
  public Answer get(String pathAndQuery, boolean compress, Duration headers, Duration silence)
      throws IOException, InterruptedException {
    asked.add(pathAndQuery);
    Step step = steps.poll();
    if (step == null) {
      throw new InterruptedException("the script is at its end");
    }
    return step.answer();
  }

  @Override
  public Answer send(String method, String path, String contentType, byte[] body) {
    throw new AssertionError("who follows the API server writes nothing: " + method + " " + path);
  }
}
