// SPDX-License-Identifier: Apache-2.0
package io.millrace.admin;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.UnixChannel;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Serves the admin API on a Unix socket of mode 0600, with one thread.
 *
 * <p>The caller owns the folder of the socket: a socket file that is there already is stale, and is
 * replaced.
 */
public final class AdminServer implements AutoCloseable {
  private final Path socket;
  private final EventLoopGroup group;

  private AdminServer(Path socket, EventLoopGroup group) {
    this.socket = socket;
    this.group = group;
  }

  /**
   * Binds and serves.
   *
   * @throws IOException if it cannot bind; says why
   */
  public static AdminServer start(Path socket, AdminBackend backend) throws IOException {
    checkLength(socket);
    if (!Epoll.isAvailable()) {
      throw new IOException(
          "the native library of Netty's epoll transport cannot be loaded",
          Epoll.unavailabilityCause());
    }
    Files.deleteIfExists(socket);
    EventLoopGroup group =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("admin", true), EpollIoHandler.newFactory());
    try {
      bind(socket, backend, group);
      Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
    } catch (IOException | RuntimeException e) {
      var unused = group.shutdownGracefully(0, 0, TimeUnit.SECONDS);
      throw e;
    }
    return new AdminServer(socket, group);
  }

  private static void checkLength(Path socket) throws IOException {
    if (socket.toString().getBytes(StandardCharsets.UTF_8).length > Frames.MAX_SOCKET_PATH_BYTES) {
      throw new IOException(
          "the path "
              + socket
              + " is too long for a Unix socket ("
              + Frames.MAX_SOCKET_PATH_BYTES
              + " bytes at most): choose a shorter --run-dir");
    }
  }

  private static void bind(Path socket, AdminBackend backend, EventLoopGroup group)
      throws IOException {
    AtomicInteger connections = new AtomicInteger();
    var bound =
        new ServerBootstrap()
            .group(group)
            .channel(EpollServerDomainSocketChannel.class)
            .childHandler(
                new ChannelInitializer<UnixChannel>() {
                  @Override
                  protected void initChannel(UnixChannel channel) {
                    channel
                        .pipeline()
                        .addLast(
                            new LengthFieldBasedFrameDecoder(
                                Frames.MAX_REQUEST_BYTES + Frames.LENGTH_BYTES,
                                0,
                                Frames.LENGTH_BYTES,
                                0,
                                Frames.LENGTH_BYTES))
                        .addLast(new AdminConnection(backend, connections));
                  }
                })
            .bind(new DomainSocketAddress(socket.toString()))
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException("cannot listen on " + socket, bound.cause());
    }
  }

  /** Stops answering and removes the socket. */
  @Override
  public void close() {
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    try {
      Files.deleteIfExists(socket);
    } catch (IOException e) {
      // The next agent replaces it, and clients find nobody behind it.
      return;
    }
  }
}
