// SPDX-License-Identifier: Apache-2.0
package io.millrace.fake.api;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.FullHttpRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One client: a request at a time. */
final class ApiConnection extends SimpleChannelInboundHandler<FullHttpRequest> {
  private final FakeApiServer server;
  private final boolean trusted;
  private final List<Future<?>> timers = new ArrayList<>();
  private @Nullable ChannelHandlerContext ctx;
  private @Nullable Reply reply;
  private boolean watching;

  ApiConnection(FakeApiServer server, boolean trusted) {
    this.server = server;
    this.trusted = trusted;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    ctx = context;
    if (!trusted) {
      server.connections().add(this);
    }
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
    Call call = Call.of(request.method(), request.uri());
    if (trusted && call.path().startsWith(FakeApiControl.PREFIX)) {
      server.control().run(call, answer -> answer(context, call, answer, null));
      return;
    }
    Fault fault = trusted ? null : server.meet(call);
    answer(context, call, find(call, request, fault), fault);
  }

  private void answer(
      ChannelHandlerContext context, Call call, Answer answer, @Nullable Fault fault) {
    watching = answer.body() instanceof WatchBody;
    reply = new Reply(context, answer, fault, () -> sent(call));
    reply.start();
    if (answer.body() instanceof WatchBody watch) {
      startTimers(context, call, watch);
    }
  }

  private Answer find(Call call, FullHttpRequest request, @Nullable Fault fault) {
    if (fault instanceof Fault.Refused refused) {
      return Answer.refused(refused);
    }
    if (fault instanceof Fault.Replaced replaced) {
      return Answer.text(replaced.body());
    }
    if (!trusted && !server.knows(request)) {
      return Answer.status(401, "Unauthorized", "Unauthorized");
    }
    return server.answers().answer(call, request, trusted);
  }

  private void sent(Call call) {
    if (call.verb().equals("list")) {
      server.stats().listSent(System.nanoTime());
    }
    stopTimers();
    watching = false;
  }

  private void startTimers(ChannelHandlerContext context, Call call, WatchBody watch) {
    String timeout = call.parameter("timeoutSeconds");
    if (!timeout.isEmpty()) {
      timers.add(
          context
              .executor()
              .schedule(
                  () -> {
                    watch.finish();
                    pump();
                  },
                  Long.parseLong(timeout),
                  TimeUnit.SECONDS));
    }
    if (call.parameter("allowWatchBookmarks").matches("1|true")) {
      long everyMs = server.bookmarkEvery().toMillis();
      timers.add(
          context
              .executor()
              .scheduleAtFixedRate(
                  () -> {
                    watch.askBookmark();
                    pump();
                  },
                  everyMs,
                  everyMs,
                  TimeUnit.MILLISECONDS));
    }
  }

  private void stopTimers() {
    timers.forEach(timer -> timer.cancel(false));
    timers.clear();
  }

  boolean isWatching() {
    return watching;
  }

  /** There may be more to send. */
  void pump() {
    if (reply != null) {
      reply.pump();
    }
  }

  /** Ends what is being answered. */
  void end(Fault.End end) {
    if (reply != null) {
      reply.end(end);
    }
  }

  void close(Fault.End end) {
    if (ctx != null) {
      Reply.close(ctx, end);
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (context.channel().isWritable()) {
      pump();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    server.connections().remove(this);
    stopTimers();
    if (reply != null) {
      reply.stop();
    }
  }

  /** Clients go as they please. */
  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (!(cause instanceof IOException)) {
      server.failed(cause);
    }
    var unused = context.close();
  }
}
