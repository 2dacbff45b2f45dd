// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.kubernetes;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The API server, as far as we talk to it. Callable from any thread. */
interface Api {
  /**
   * Asks for something.
   *
   * @param pathAndQuery for example {@code /api/v1/services?limit=500}
   * @param compress whether the answer may come compressed; a stream of events must not
   * @param headers how long the answer's headers may take
   * @param silence how long its body may say nothing
   * @throws IOException if there is no answer
   */
  Answer get(String pathAndQuery, boolean compress, Duration headers, Duration silence)
      throws IOException, InterruptedException;

  /**
   * Sends something.
   *
   * @throws IOException if there is no answer
   */
  Answer send(String method, String path, String contentType, byte[] body)
      throws IOException, InterruptedException;

  /** An answer whose body is still coming. To be closed, which gives up the rest of it. */
  interface Answer extends AutoCloseable {
    int code();

    /** Null if there is none of that name. */
    @Nullable String header(String name);

    /** The body, as it was before it was compressed. */
    InputStream body() throws IOException;

    @Override
    void close();
  }
}
