// SPDX-License-Identifier: Apache-2.0
package io.millrace.http;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.unix.Socket;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The thread and the connections of all HTTP listeners of the process.
 *
 * <p>What clients can take of it is bounded: {@link #MAX_CONNECTIONS} connections, of which the
 * oldest makes way for a new one, so that nobody can keep others out; 12 KiB of a request; {@link
 * #DEADLINE_MS} for each.
 */
public final class HttpServers implements AutoCloseable {
  static final int MAX_CONNECTIONS = 512;

  /** For a request to come, from the first moment to its last byte, and for its answer to leave. */
  static final long DEADLINE_MS = 10_000;

  private static final int READ_BYTES = 2048;

  private final EventLoopGroup group;
  private final EventLoop loop;
  private final long deadlineMs;
  private final Connections connections = new Connections(MAX_CONNECTIONS);

  private HttpServers(EventLoopGroup group, long deadlineMs) {
    this.group = group;
    this.deadlineMs = deadlineMs;
    loop = group.next();
  }

  /**
   * Starts the thread; listens nowhere yet.
   *
   * @throws IOException if the transport cannot be loaded
   */
  public static HttpServers start() throws IOException {
    return start(DEADLINE_MS);
  }

  static HttpServers start(long deadlineMs) throws IOException {
    if (!Epoll.isAvailable()) {
      throw new IOException(
          "the native library of Netty's epoll transport cannot be loaded",
          Epoll.unavailabilityCause());
    }
    return new HttpServers(
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("http", true), EpollIoHandler.newFactory()),
        deadlineMs);
  }

  /**
   * A group of listeners that somebody keeps.
   *
   * @param failures told where it cannot listen and why, whenever that is different; by the thread
   *     of the servers
   */
  public HttpListeners listeners(Consumer<Map<InetSocketAddress, String>> failures) {
    return new HttpListeners(this, loop, failures);
  }

  /** The thread of the servers: what is to be done there must not block. */
  public Executor executor() {
    return loop;
  }

  /** Listens; of any address by both families, as far as the kernel has them. */
  ChannelFuture bind(InetSocketAddress at, HttpListeners.Place place) {
    return new ServerBootstrap()
        .group(loop)
        .channel(EpollServerSocketChannel.class)
        .childOption(ChannelOption.AUTO_READ, false)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childOption(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(READ_BYTES))
        .childHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                HttpConnection.set(channel, place, connections, deadlineMs);
              }
            })
        .bind(bothFamilies(at));
  }

  private static InetSocketAddress bothFamilies(InetSocketAddress at) {
    if (at.getAddress() == null || !at.getAddress().isAnyLocalAddress()) {
      return at;
    }
    try {
      byte[] any = new byte[Socket.isIPv6Preferred() ? 16 : 4];
      return new InetSocketAddress(InetAddress.getByAddress(any), at.getPort());
    } catch (UnknownHostException e) {
      throw new IllegalStateException("both lengths are right", e);
    }
  }

  /** Ends the connections of a listener that is gone. */
  void closeConnections(HttpListeners.Place place) {
    connections.closeAll(place);
  }

  /** Stops listening, and ends all connections. */
  @Override
  public void close() {
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
  }
}
