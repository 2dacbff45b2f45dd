// SPDX-License-Identifier: Apache-2.0
package io.millrace.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.admin.proto.Error;
import io.millrace.admin.proto.Flow;
import io.millrace.admin.proto.FlowsPage;
import io.millrace.admin.proto.FlowsRequest;
import io.millrace.admin.proto.Request;
import io.millrace.admin.proto.Response;
import io.millrace.admin.proto.Status;
import io.millrace.admin.proto.StatusRequest;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdminProtocolTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final Request STATUS =
      Request.newBuilder().setStatus(StatusRequest.getDefaultInstance()).build();
  private static final Request FLOWS =
      Request.newBuilder().setFlows(FlowsRequest.newBuilder().setLimit(3)).build();

  @TempDir Path dir;
  private Path socket;
  private AdminServer server;

  @BeforeEach
  void start() throws IOException {
    socket = dir.resolve("admin.sock");
    server = AdminServer.start(socket, AdminProtocolTest::answer);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static CompletionStage<List<Response>> answer(Request request) {
    return switch (request.getCommandCase()) {
      case STATUS ->
          CompletableFuture.completedFuture(
              List.of(Response.newBuilder().setStatus(Status.newBuilder().setNode("n1")).build()));
      case FLOWS ->
          CompletableFuture.completedFuture(List.of(page(1, false), page(2, false), page(3, true)));
      case DROPS -> CompletableFuture.failedFuture(new IllegalStateException("boom"));
      default ->
          CompletableFuture.failedFuture(
              new AdminException(Error.Code.INVALID_ARGUMENT, "no command"));
    };
  }

  private static Response page(int port, boolean more) {
    return Response.newBuilder()
        .setFlows(
            FlowsPage.newBuilder().addFlows(Flow.newBuilder().setSourcePort(port)).setMore(more))
        .build();
  }

  @Test
  void socketIsForItsOwnerOnly() throws IOException {
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
        .isEqualTo("rw-------");
  }

  @Test
  void answersSeveralRequestsOfOneConnection() throws Exception {
    try (AdminClient client = AdminClient.connect(socket, TIMEOUT)) {
      for (int i = 0; i < 3; i++) {
        List<Response> frames = new ArrayList<>();
        client.call(STATUS, frames::add);
        assertThat(frames).hasSize(1);
        assertThat(frames.get(0).getStatus().getNode()).isEqualTo("n1");
        assertThat(frames.get(0).getLast()).isTrue();
      }
    }
  }

  @Test
  void aListComesInPagesOfWhichTheLastIsMarked() throws Exception {
    List<Response> frames = new ArrayList<>();
    try (AdminClient client = AdminClient.connect(socket, TIMEOUT)) {
      client.call(FLOWS, frames::add);
    }
    assertThat(frames).extracting(Response::getLast).containsExactly(false, false, true);
    assertThat(frames).extracting(f -> f.getFlows().getMore()).containsExactly(false, false, true);
  }

  @Test
  void aRefusalNamesItsCodeAndTheConnectionGoesOn() throws Exception {
    try (AdminClient client = AdminClient.connect(socket, TIMEOUT)) {
      assertThatThrownBy(() -> client.call(Request.getDefaultInstance(), frame -> {}))
          .isInstanceOf(AdminException.class)
          .hasMessage("no command")
          .extracting("code")
          .isEqualTo(Error.Code.INVALID_ARGUMENT);
      client.call(STATUS, frame -> {});
    }
  }

  @Test
  void aFailureOfTheAgentIsAnError() throws Exception {
    Request drops =
        Request.newBuilder()
            .setDrops(io.millrace.admin.proto.DropsRequest.getDefaultInstance())
            .build();
    try (AdminClient client = AdminClient.connect(socket, TIMEOUT)) {
      assertThatThrownBy(() -> client.call(drops, frame -> {}))
          .isInstanceOf(AdminException.class)
          .hasMessageContaining("boom")
          .extracting("code")
          .isEqualTo(Error.Code.INTERNAL);
    }
  }

  @Test
  void aFrameThatIsTooLongIsRefusedBeforeItIsSent() throws IOException {
    try (SocketChannel raw = raw()) {
      raw.write(ByteBuffer.allocate(4).putInt(Frames.MAX_REQUEST_BYTES + 1).flip());
      assertInvalidAndClosed(raw);
    }
  }

  @Test
  void aNegativeLengthIsRefused() throws IOException {
    try (SocketChannel raw = raw()) {
      raw.write(ByteBuffer.allocate(8).putInt(-1).putInt(0).flip());
      assertInvalidAndClosed(raw);
    }
  }

  @Test
  void garbageIsRefused() throws IOException {
    try (SocketChannel raw = raw()) {
      byte[] garbage = {(byte) 0xff, (byte) 0xff, (byte) 0xff, 7, 7};
      raw.write(ByteBuffer.allocate(9).putInt(garbage.length).put(garbage).flip());
      assertInvalidAndClosed(raw);
    }
    try (AdminClient client = AdminClient.connect(socket, TIMEOUT)) {
      assertThat(client).isNotNull();
    }
  }

  @Test
  void moreConnectionsThanAllowedAreTold() throws Exception {
    List<AutoCloseable> open = new ArrayList<>();
    try {
      for (int i = 0; i < Frames.MAX_CONNECTIONS; i++) {
        AdminClient client = AdminClient.connect(socket, TIMEOUT);
        open.add(client);
        client.call(STATUS, frame -> {}); // it has been counted
      }
      try (SocketChannel raw = raw()) {
        assertThat(readError(raw).getCode()).isEqualTo(Error.Code.BUSY);
      }
    } finally {
      for (AutoCloseable client : open) {
        client.close();
      }
    }
  }

  @Test
  void nobodyListensIsSaidWithAHint() {
    assertThatThrownBy(() -> AdminClient.connect(dir.resolve("none.sock"), TIMEOUT))
        .isInstanceOf(NoAgentException.class)
        .hasMessageContaining("no agent answers on")
        .hasMessageContaining("is `millrace agent` running");
  }

  @Test
  void aPathThatIsTooLongNamesTheFlag() {
    Path tooLong = dir.resolve("x".repeat(120)).resolve("admin.sock");
    assertThatThrownBy(() -> AdminServer.start(tooLong, AdminProtocolTest::answer))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("--run-dir");
  }

  private SocketChannel raw() throws IOException {
    SocketChannel raw = SocketChannel.open(StandardProtocolFamily.UNIX);
    raw.connect(UnixDomainSocketAddress.of(socket));
    return raw;
  }

  private static void assertInvalidAndClosed(SocketChannel raw) throws IOException {
    assertThat(readError(raw).getCode()).isEqualTo(Error.Code.INVALID_FRAME);
    assertThat(raw.read(ByteBuffer.allocate(1))).isEqualTo(-1);
  }

  private static Error readError(SocketChannel raw) throws IOException {
    ByteBuffer frame = read(raw, read(raw, 4).getInt());
    return Response.parseFrom(frame).getError();
  }

  private static ByteBuffer read(SocketChannel raw, int bytes) throws IOException {
    ByteBuffer in = ByteBuffer.allocate(bytes);
    int got = 0;
    while (in.hasRemaining() && got >= 0) {
      got = raw.read(in);
    }
    return in.flip();
  }
}
