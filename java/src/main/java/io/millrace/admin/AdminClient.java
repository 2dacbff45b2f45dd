// SPDX-License-Identifier: Apache-2.0
package io.millrace.admin;

import io.millrace.admin.proto.Request;
import io.millrace.admin.proto.Response;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Asks an agent over its admin socket.
 *
 * <p>The JDK's own channels: a command that prints one answer should not wait for the start of an
 * event loop. Not thread-safe.
 */
public final class AdminClient implements AutoCloseable {
  private final SocketChannel channel;
  private final Selector selector;
  private final SelectionKey key;
  private final Duration timeout;

  private AdminClient(SocketChannel channel, SelectionKey key, Duration timeout) {
    this.channel = channel;
    this.selector = key.selector();
    this.key = key;
    this.timeout = timeout;
  }

  /**
   * Connects.
   *
   * @param timeout the longest wait for each piece of an answer
   * @throws NoAgentException if nobody listens there; says what to do
   */
  public static AdminClient connect(Path socket, Duration timeout) throws IOException {
    SocketChannel channel;
    try {
      channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
    } catch (IOException e) {
      throw noAgent(socket, e);
    }
    try {
      channel.configureBlocking(false);
      Selector selector = Selector.open();
      SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
      return new AdminClient(channel, key, timeout);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  private static NoAgentException noAgent(Path socket, IOException cause) {
    Path dir = socket.toAbsolutePath().getParent();
    if (dir != null && Files.exists(dir) && !Files.isReadable(dir)) {
      return new NoAgentException("no right to reach " + socket + ": run this command as root");
    }
    String hint =
        Files.exists(socket)
            ? "the agent that made it is gone; start `millrace agent`"
            : "is `millrace agent` running, and with this --run-dir?";
    return new NoAgentException(
        "no agent answers on " + socket + " (" + cause.getMessage() + "): " + hint);
  }

  /**
   * Sends one request and hands over the frames of its answer.
   *
   * @throws AdminException if the agent answers with an error
   * @throws IOException if the connection breaks or the agent is silent for too long
   */
  public void call(Request request, Consumer<Response> frames) throws IOException, AdminException {
    byte[] message = request.toByteArray();
    ByteBuffer out = ByteBuffer.allocate(Frames.LENGTH_BYTES + message.length);
    out.putInt(message.length).put(message).flip();
    while (out.hasRemaining()) {
      if (channel.write(out) == 0) {
        await(SelectionKey.OP_WRITE);
      }
    }
    Response response;
    do {
      response = Response.parseFrom(read(length()).array());
      if (response.hasError()) {
        throw new AdminException(response.getError().getCode(), response.getError().getMessage());
      }
      frames.accept(response);
    } while (!response.getLast());
  }

  private int length() throws IOException {
    int length = read(Frames.LENGTH_BYTES).getInt();
    if (length < 0 || length > Frames.MAX_RESPONSE_BYTES) {
      throw new IOException("what answers on the admin socket is not an agent of this version");
    }
    return length;
  }

  private ByteBuffer read(int bytes) throws IOException {
    ByteBuffer in = ByteBuffer.allocate(bytes);
    while (in.hasRemaining()) {
      int n = channel.read(in);
      if (n < 0) {
        throw new EOFException("the agent closed the connection: it may be restarting, ask again");
      }
      if (n == 0) {
        await(SelectionKey.OP_READ);
      }
    }
    return in.flip();
  }

  private void await(int operation) throws IOException {
    key.interestOps(operation);
    if (selector.select(timeout.toMillis()) == 0) {
      throw new SocketTimeoutException(
          "the agent has not answered for " + timeout.toSeconds() + " s: see its log");
    }
    selector.selectedKeys().clear();
  }

  @Override
  public void close() throws IOException {
    selector.close();
    channel.close();
  }
}
