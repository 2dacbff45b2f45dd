// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.client.http.AsyncBody;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.SynchronousQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class BodyStreamTest {
  private static final byte[] TEXT = "straße 🚂 ende".getBytes(StandardCharsets.UTF_8);

  /** Delivers one batch whenever it is asked, at once and on the asking thread. */
  private static final class Body implements AsyncBody {
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private final ArrayDeque<List<ByteBuffer>> batches = new ArrayDeque<>();
    private final BodyStream stream;
    private int asked;

    Body(BodyStream stream) {
      this.stream = stream;
    }

    @Override
    public void consume() {
      asked++;
      List<ByteBuffer> batch = batches.poll();
      if (batch != null) {
        stream.consume(batch, this);
      } else {
        done.complete(null);
      }
    }

    @Override
    public CompletableFuture<Void> done() {
      return done;
    }

    @Override
    public void cancel() {
      done.cancel(false);
    }
  }

  /** Delivers nothing, and does not end. */
  private static final class Mute implements AsyncBody {
    private final CompletableFuture<Void> done = new CompletableFuture<>();

    @Override
    public void consume() {}

    @Override
    public CompletableFuture<Void> done() {
      return done;
    }

    @Override
    public void cancel() {
      done.cancel(false);
    }
  }

  private final BodyStream stream = new BodyStream(Duration.ofSeconds(20));
  private final Body body = new Body(stream);

  private static ByteBuffer bytes(byte[] text, int from, int to) {
    return ByteBuffer.wrap(Arrays.copyOfRange(text, from, to));
  }

  @Test
  void charactersMayBeCutAnywhere() throws IOException {
    for (int i = 0; i < TEXT.length; i += 2) {
      int end = Math.min(TEXT.length, i + 2);
      int middle = Math.min(TEXT.length, i + 1);
      body.batches.add(List.of(bytes(TEXT, i, middle), bytes(TEXT, middle, end)));
    }
    body.batches.add(List.of());
    stream.follow(body);
    assertThat(stream.readAllBytes()).isEqualTo(TEXT);
    assertThat(stream.read()).isEqualTo(-1);
  }

  @Test
  void moreIsAskedForWhenEverythingIsRead() throws IOException {
    body.batches.add(List.of(bytes(TEXT, 0, 4)));
    body.batches.add(List.of(bytes(TEXT, 4, 8)));
    stream.follow(body);
    assertThat(body.asked).isEqualTo(0);
    List<Integer> asked = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      assertThat(stream.read()).isEqualTo(TEXT[i] & 0xff);
      asked.add(body.asked);
    }
    assertThat(asked).containsExactly(1, 1, 1, 1, 2, 2, 2, 2);
  }

  @Test
  void whatHasComeIsReadBeforeTheEndIsTold() throws IOException {
    stream.follow(body);
    stream.consume(List.of(bytes(TEXT, 0, 3)), body);
    body.done.completeExceptionally(new IOException("connection reset"));
    assertThat(stream.read(new byte[10])).isEqualTo(3);
    assertThatThrownBy(stream::read)
        .isInstanceOf(IOException.class)
        .hasMessage("the connection to the API server broke: connection reset");
  }

  @Test
  void aSilentServerIsGivenUp() {
    BodyStream impatient = new BodyStream(Duration.ofMillis(1));
    Mute mute = new Mute();
    impatient.follow(mute);
    assertThatThrownBy(impatient::read).isInstanceOf(SocketTimeoutException.class);
    impatient.close();
    assertThat(mute.done()).isCancelled();
    assertThatThrownBy(impatient::read).isInstanceOf(IOException.class);
  }

  @Test
  void closingGivesUpOnlyWhatIsStillComing() throws IOException {
    stream.follow(body);
    assertThat(stream.read()).isEqualTo(-1);
    stream.close();
    assertThat(body.done).isCompletedWithValue(null);
  }

  @Test
  void aWaitingReaderWakesUp() throws Exception {
    SynchronousQueue<Object> result = new SynchronousQueue<>();
    Mute mute = new Mute();
    stream.follow(mute);
    Thread reader = reader(result);
    reader.start();
    stream.consume(List.of(bytes(TEXT, 0, 1)), mute);
    assertThat(result.take()).isEqualTo(TEXT[0] & 0xff);
    reader.join();
  }

  @Test
  void aWaitingReaderCanBeInterrupted() throws Exception {
    SynchronousQueue<Object> result = new SynchronousQueue<>();
    stream.follow(new Mute());
    Thread reader = reader(result);
    reader.start();
    reader.interrupt();
    assertThat(result.take()).isInstanceOf(InterruptedIOException.class);
    reader.join();
  }

  private Thread reader(SynchronousQueue<Object> result) {
    return new Thread(
        () -> {
          Object outcome;
          try {
            outcome = stream.read();
          } catch (IOException e) {
            outcome = e;
          }
          boolean interrupted = Thread.interrupted();
          try {
            result.put(outcome);
          } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted twice: " + interrupted, e);
          }
        });
  }
}
