// SPDX-License-Identifier: Apache-2.0
package io.millrace.fake.api;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An API server on one port, and beside it, on another that is always there, the same objects
 * without access control and faults, and what only a fake can be told: see {@link FakeApiControl}.
 *
 * <p>One thread serves all, so there is one order of events. The methods may be called from any
 * thread, and have taken effect when they return.
 */
public final class FakeApiServer implements AutoCloseable {
  private static final int MAX_BODY_BYTES = 8 << 20;

  private static final int FIRST_PORT = 10_000;

  /** Where the kernel's range for clients begins (net.ipv4.ip_local_port_range). */
  private static final int CLIENT_PORTS = 32_768;

  private final FakeApiConfig config;
  private final ApiStore store;
  private final Faults faults = new Faults();
  private final Stats stats = new Stats();
  private final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
  private final Set<ApiConnection> connections = new HashSet<>();

  /** Not the JDK's selector, which keeps a closed port open until it selects the next time. */
  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("fake-api", true), EpollIoHandler.newFactory());

  private final EventLoop loop = group.next();
  private final ApiAnswers answers;
  private final FakeApiControl control;
  private final InetSocketAddress address;
  private final InetSocketAddress adminAddress;
  private volatile String token;
  private @Nullable Channel listening;

  /**
   * Starts it.
   *
   * @throws IOException if it cannot listen
   */
  public FakeApiServer(FakeApiConfig config) throws IOException {
    this.config = config;
    token = config.token();
    store = new ApiStore(config.history());
    answers = new ApiAnswers(store, config.rbac());
    control = new FakeApiControl(this, loop);
    store.onChange(this::tellWatchers);
    listening = listenFirst(config.address());
    address = (InetSocketAddress) listening.localAddress();
    adminAddress = (InetSocketAddress) listen(config.adminAddress(), true).localAddress();
  }

  /**
   * On a port that it can have again after {@link #stop}. The kernel gives those of its own choice
   * to clients as well, as their source ports: above all to the client that asks in vain for this
   * one meanwhile. So where any port will do, it is one below that range.
   */
  private Channel listenFirst(InetSocketAddress at) throws IOException {
    if (at.getPort() != 0) {
      return listen(at, false);
    }
    IOException failure = new IOException("no port tried");
    for (int tries = 0; tries < 100; tries++) {
      int port = ThreadLocalRandom.current().nextInt(FIRST_PORT, CLIENT_PORTS);
      try {
        return listen(new InetSocketAddress(at.getAddress(), port), false);
      } catch (IOException e) {
        failure = e;
      }
    }
    throw failure;
  }

  private Channel listen(InetSocketAddress at, boolean trusted) throws IOException {
    var bound =
        new ServerBootstrap()
            .group(group)
            .channel(EpollServerSocketChannel.class)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    var tls = config.tls();
                    if (tls != null && !trusted) {
                      channel.pipeline().addLast(tls.newHandler(channel.alloc()));
                    }
                    channel
                        .pipeline()
                        .addLast(new HttpServerCodec())
                        .addLast(new HttpObjectAggregator(MAX_BODY_BYTES))
                        .addLast(new ApiConnection(FakeApiServer.this, trusted));
                  }
                })
            .bind(at)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException("cannot listen on " + at, bound.cause());
    }
    return bound.channel();
  }

  public URI uri() {
    return uri(config.tls() == null ? "http" : "https", address);
  }

  /** Where {@link FakeApiControl} is reached. */
  public URI adminUri() {
    return uri("http", adminAddress);
  }

  private static URI uri(String scheme, InetSocketAddress at) {
    String host = at.getAddress().getHostAddress();
    return URI.create(
        scheme + "://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + at.getPort());
  }

  public ApiStore store() {
    return store;
  }

  public Faults faults() {
    return faults;
  }

  public Stats stats() {
    return stats;
  }

  /** Only this token is known from now on. */
  public void setToken(String newToken) {
    token = newToken;
  }

  /** Listens no more, and ends all connections. */
  public void stop(Fault.End end) {
    Channel old = listening;
    listening = null;
    if (old != null) {
      old.close().awaitUninterruptibly();
    }
    inLoop(() -> List.copyOf(connections).forEach(connection -> connection.close(end)));
  }

  /** Listens again on the same port, with the same objects. */
  public void restart() throws IOException {
    if (listening == null) {
      listening = listen(address, false);
    }
  }

  /** Another server takes over, which knows what was saved and no more. */
  public void failOver(ApiStore.Saved saved) throws IOException {
    stop(Fault.End.RESET);
    store.restore(saved);
    restart();
  }

  /** Ends the watches that are open. */
  public void endWatches(Fault.End end) {
    inLoop(
        () ->
            List.copyOf(connections).stream()
                .filter(ApiConnection::isWatching)
                .forEach(watch -> watch.end(end)));
  }

  /** How many watches are open. */
  public int watches() {
    int[] count = new int[1];
    inLoop(() -> count[0] = (int) connections.stream().filter(ApiConnection::isWatching).count());
    return count[0];
  }

  /** A kubeconfig for this server, in the given folder. */
  public Path kubeconfig(Path folder) throws IOException {
    Path file = folder.resolve("kubeconfig");
    String ca = config.ca() == null ? "" : ", certificate-authority: " + config.ca();
    Files.writeString(
        file,
        """
        apiVersion: v1
        kind: Config
        clusters: [{name: fake, cluster: {server: "%s"%s}}]
        users: [{name: millrace, user: {token: "%s"}}]
        contexts: [{name: fake, context: {cluster: fake, user: millrace}}]
        current-context: fake
        """
            .formatted(uri(), ca, token));
    return file;
  }

  /** What went wrong in the fake itself. */
  public List<Throwable> failures() {
    return List.copyOf(failures);
  }

  @Override
  public void close() {
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  // What connections need; all of it within the loop.

  Set<ApiConnection> connections() {
    return connections;
  }

  ApiAnswers answers() {
    return answers;
  }

  FakeApiControl control() {
    return control;
  }

  Duration bookmarkEvery() {
    return config.bookmarkEvery();
  }

  @Nullable Fault meet(Call call) {
    stats.add(call);
    return faults.take(call);
  }

  boolean knows(FullHttpRequest request) {
    String wanted = token;
    return wanted.isEmpty()
        || ("Bearer " + wanted).equals(request.headers().get(HttpHeaderNames.AUTHORIZATION));
  }

  void failed(Throwable cause) {
    failures.add(cause);
  }

  private void tellWatchers() {
    inLoop(() -> List.copyOf(connections).forEach(ApiConnection::pump));
  }

  private void inLoop(Runnable task) {
    if (loop.inEventLoop()) {
      task.run();
    } else {
      loop.submit(task).awaitUninterruptibly();
    }
  }
}
