// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.kubernetes;

import io.fabric8.kubernetes.client.http.AsyncBody;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The body of an answer as a stream. It asks for more only when everything is read, so a slow
 * reader slows the server down instead of filling the heap, and a silent server is a {@link
 * SocketTimeoutException}: this is the watchdog of dead connections.
 */
final class BodyStream extends InputStream implements AsyncBody.Consumer<List<ByteBuffer>> {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition news = lock.newCondition();
  private final ArrayDeque<ByteBuffer> waiting = new ArrayDeque<>();
  private final Duration silence;
  private @Nullable AsyncBody body;

  /** Whether more is on its way, or would be once the answer has begun. */
  private boolean asked;

  private boolean ended;
  private @Nullable Throwable failure;

  /**
   * @param silence how long the server may say nothing
   */
  BodyStream(Duration silence) {
    this.silence = silence;
  }

  /** The answer has begun, and this is its body. */
  void follow(AsyncBody async) {
    lock.lock();
    try {
      body = async;
    } finally {
      lock.unlock();
    }
    var unused = async.done().whenComplete((nothing, cause) -> end(cause));
  }

  @Override
  public void consume(List<ByteBuffer> buffers, AsyncBody async) {
    lock.lock();
    try {
      asked = false;
      waiting.addAll(buffers);
      news.signal();
    } finally {
      lock.unlock();
    }
  }

  private void end(@Nullable Throwable cause) {
    lock.lock();
    try {
      ended = true;
      failure = cause;
      news.signal();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, target.length);
    if (length == 0) {
      return 0;
    }
    try {
      long deadlineNs = System.nanoTime() + silence.toNanos();
      while (true) {
        askIfNeeded();
        int taken = take(target, offset, length, deadlineNs);
        if (taken != 0) {
          return taken;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while reading from the API server");
    }
  }

  /** Without our lock: the answer may come at once, on this thread. */
  private void askIfNeeded() {
    AsyncBody from = null;
    lock.lock();
    try {
      if (isEmpty() && !asked && !ended) {
        asked = true;
        from = Objects.requireNonNull(body, "follow() comes first");
      }
    } finally {
      lock.unlock();
    }
    if (from != null) {
      from.consume();
    }
  }

  /** As {@link #read}; 0 if what came was empty. */
  private int take(byte[] target, int offset, int length, long deadlineNs)
      throws IOException, InterruptedException {
    lock.lock();
    try {
      while (isEmpty() && asked && !ended) {
        long leftNs = deadlineNs - System.nanoTime();
        if (leftNs <= 0) {
          throw new SocketTimeoutException(
              "the API server says nothing for " + silence.toSeconds() + " s");
        }
        var unused = news.awaitNanos(leftNs);
      }
      if (isEmpty()) {
        if (!ended) {
          return 0;
        }
        throwFailure();
        return -1;
      }
      ByteBuffer buffer = waiting.element();
      int taken = Math.min(length, buffer.remaining());
      buffer.get(target, offset, taken);
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /** Whether nothing waits to be read; forgets what has been. */
  private boolean isEmpty() {
    while (!waiting.isEmpty() && !waiting.element().hasRemaining()) {
      waiting.remove();
    }
    return waiting.isEmpty();
  }

  private void throwFailure() throws IOException {
    Throwable cause = failure;
    if (cause == null) {
      return;
    }
    if (cause instanceof CancellationException) {
      throw new IOException("the answer was given up");
    }
    throw new IOException("the connection to the API server broke: " + cause.getMessage(), cause);
  }

  /** Gives up what has not come yet. */
  @Override
  public void close() {
    AsyncBody async;
    lock.lock();
    try {
      async = body;
    } finally {
      lock.unlock();
    }
    if (async != null && !async.done().isDone()) {
      async.cancel();
    }
  }
}
