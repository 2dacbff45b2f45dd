// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.millrace.admin.AdminClient;
import io.millrace.admin.AdminServer;
import io.millrace.admin.proto.Error;
import io.millrace.admin.proto.Request;
import io.millrace.admin.proto.Response;
import io.millrace.admin.proto.Status;
import io.millrace.admin.proto.StatusRequest;
import io.millrace.compile.NodeConfig;
import io.millrace.fake.Await;
import io.millrace.fake.FakeDataplane;
import io.millrace.fake.Fuzz;
import io.millrace.reconcile.PolicyOptions;
import io.millrace.reconcile.SocketLb;
import io.millrace.source.KeyedQueue;
import io.millrace.source.SyncGate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever comes to the admin socket is answered, with an error if it makes no sense; the agent
 * goes on, and keeps nothing of who has gone.
 */
final class AdminFuzzTest {
  private static final Request STATUS =
      Request.newBuilder().setStatus(StatusRequest.getDefaultInstance()).build();
  private static final List<String> WORDS =
      List.of("", "default/web", "a", "10.0.0.1", "::", "/", "x".repeat(300), "tcp", "-1");

  @TempDir Path dir;

  private final Random random = new Random(Fuzz.seed());
  private final ExecutorService walker = Executors.newSingleThreadExecutor();
  private final SyncGate gate = new SyncGate(Set.of());
  private volatile Status status = Status.getDefaultInstance();
  private @Nullable ControlLoop loop;
  private @Nullable Thread control;
  private @Nullable AdminServer server;

  @BeforeEach
  void start() throws IOException {
    KernelEngine engine =
        new KernelEngine(
            NodeConfig.automatic("n1"),
            new FakeDataplane(),
            SocketLb.on(Path.of("/cg")),
            PolicyOptions.DEFAULT,
            SocketUpkeep.NONE,
            System::nanoTime);
    ControlLoop running =
        new ControlLoop(
            new KeyedQueue(),
            gate,
            engine,
            new ProblemBoard(System::nanoTime),
            TimeUnit.MINUTES.toNanos(5),
            System::nanoTime,
            new Random(1),
            published -> status = published,
            List.of());
    loop = running;
    control = new Thread(running::run, "control");
    control.start();
    AdminRequests requests = new AdminRequests(running, engine, () -> status, walker, null);
    server = AdminServer.start(socket(), requests);
  }

  @AfterEach
  void stop() throws InterruptedException {
    if (server != null && loop != null && control != null) {
      server.close();
      loop.stop();
      control.join();
    }
    walker.shutdownNow();
  }

  private Path socket() {
    return dir.resolve("admin.sock");
  }

  @Test
  void whateverComesIsAnswered() throws Exception {
    Fuzz fuzz = new Fuzz(600);
    int answers = 0;
    int refusals = 0;
    while (fuzz.goesOn()) {
      Response answer = send(something());
      answers += answer == null ? 0 : 1;
      if (answer != null && answer.hasError()) {
        refusals++;
        assertThat(answer.getError().getCode())
            .as("seed %s: %s", Fuzz.seed(), answer)
            .isNotIn(Error.Code.CODE_UNSPECIFIED, Error.Code.INTERNAL);
        assertThat(answer.getError().getMessage()).isNotEmpty();
      }
    }
    askStatus();
    assertThat(control).matches(Thread::isAlive);
    Await.until("seed " + Fuzz.seed() + ": nothing is held", () -> held() == 0);
    fuzz.tell("admin requests", answers + " answered, " + refusals + " of them with an error");
  }

  /** Once it is answered, connections of before have been taken note of as closed, too. */
  private void askStatus() throws Exception {
    List<Response> frames = new ArrayList<>();
    while (frames.isEmpty() || frames.get(0).hasError()) { // busy with who has just gone
      frames.clear();
      try (AdminClient client = AdminClient.connect(socket(), Duration.ofSeconds(20))) {
        client.call(STATUS, frames::add);
        assertThat(held()).isPositive();
      }
    }
    assertThat(frames.get(0).hasStatus()).isTrue();
  }

  /**
   * How many connections the server holds. Each has the path of the socket that accepted it, as has
   * that socket itself; what else this process has open is other tests' business.
   */
  private long held() {
    try (var sockets = Files.lines(Path.of("/proc/net/unix"))) {
      return sockets.filter(line -> line.endsWith(" " + socket())).count() - 1;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Frames, whole or not, of requests, whole or not. */
  private ByteBuffer something() {
    byte[] body = request().toByteArray();
    switch (random.nextInt(5)) {
      case 0 -> {
        body = new byte[random.nextInt(200)];
        random.nextBytes(body);
      }
      case 1 -> {
        for (int i = random.nextInt(4); i >= 0 && body.length > 0; i--) {
          body[random.nextInt(body.length)] = (byte) random.nextInt();
        }
      }
      default -> {}
    }
    int length =
        switch (random.nextInt(12)) {
          case 0 -> random.nextInt();
          case 1 -> body.length + random.nextInt(5) - 2;
          default -> body.length;
        };
    ByteBuffer frame = ByteBuffer.allocate(4 + body.length).putInt(length).put(body);
    int cut = random.nextInt(10) == 0 ? random.nextInt(frame.position() + 1) : frame.position();
    return frame.flip().limit(cut);
  }

  /** Sends it; the first frame of the answer, null if there was none. */
  private @Nullable Response send(ByteBuffer bytes) throws IOException {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket()))) {
      try {
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        if (!isWhole(bytes)) {
          channel.shutdownOutput(); // or the server would wait for the rest
        }
        return read(channel);
      } catch (IOException e) {
        return null; // closed by the other end
      }
    }
  }

  /** Whether it begins with a frame, or with a length that no frame has. */
  private static boolean isWhole(ByteBuffer sent) {
    int body = sent.limit() - 4;
    return body >= 0
        && (sent.getInt(0) < 0 || sent.getInt(0) > 64 * 1024 || sent.getInt(0) <= body);
  }

  private static @Nullable Response read(SocketChannel channel) throws IOException {
    ByteBuffer length = ByteBuffer.allocate(4);
    if (!fill(channel, length)) {
      return null;
    }
    ByteBuffer body = ByteBuffer.allocate(length.getInt(0));
    if (!fill(channel, body)) {
      return null;
    }
    try {
      return Response.parseFrom(body.array());
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError("seed " + Fuzz.seed(), e);
    }
  }

  private static boolean fill(SocketChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        return false;
      }
    }
    return true;
  }

  /** A request with random values in some of its fields. */
  private Request request() {
    Request.Builder request = Request.newBuilder();
    List<FieldDescriptor> commands = request.getDescriptorForType().getFields();
    fill(request, commands.get(random.nextInt(commands.size())));
    return request.build();
  }

  private void fill(Message.Builder into, FieldDescriptor field) {
    if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
      Message.Builder inner = into.newBuilderForField(field);
      for (FieldDescriptor each : inner.getDescriptorForType().getFields()) {
        if (random.nextBoolean()) {
          fill(inner, each);
        }
      }
      put(into, field, inner.build());
    } else {
      put(into, field, value(field));
    }
  }

  private static void put(Message.Builder into, FieldDescriptor field, Object value) {
    if (field.isRepeated()) {
      into.addRepeatedField(field, value);
    } else {
      into.setField(field, value);
    }
  }

  /**
   * Waiting for events is asked for in moments: an answer that takes half a minute is none here.
   */
  private Object value(FieldDescriptor field) {
    return switch (field.getJavaType()) {
      case INT -> random.nextBoolean() ? random.nextInt(100) : -random.nextInt(1 << 30);
      case LONG -> random.nextBoolean() ? (long) random.nextInt(100) : random.nextLong();
      case FLOAT -> random.nextFloat();
      case DOUBLE -> random.nextDouble();
      case BOOLEAN -> random.nextBoolean();
      case STRING -> WORDS.get(random.nextInt(WORDS.size()));
      case BYTE_STRING -> ByteString.copyFromUtf8(WORDS.get(random.nextInt(WORDS.size())));
      case ENUM ->
          field
              .getEnumType()
              .getValues()
              .get(random.nextInt(field.getEnumType().getValues().size()));
      case MESSAGE -> throw new IllegalStateException();
    };
  }
}
