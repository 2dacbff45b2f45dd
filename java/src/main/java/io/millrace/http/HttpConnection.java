// SPDX-License-Identifier: Apache-2.0
package io.millrace.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client: a request at a time. What has come in one piece with it waits, and nothing more is
 * read before the answer to the last has left.
 */
final class HttpConnection extends SimpleChannelInboundHandler<FullHttpRequest> {
  private static final Logger log = LoggerFactory.getLogger(HttpConnection.class);

  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US)
          .withZone(ZoneOffset.UTC);

  private static final int MAX_LINE_BYTES = 4096;
  private static final int MAX_HEADER_BYTES = 8192;

  /** Nobody sends one that means anything, but clients may: it is read and forgotten. */
  private static final int MAX_BODY_BYTES = 8192;

  private final HttpListeners.Place place;
  private final Connections connections;
  private final long deadlineMs;
  private final Deque<Asked> waiting = new ArrayDeque<>();
  private boolean answering;
  private @Nullable Future<?> deadline;

  /**
   * What came from the client.
   *
   * @param fault why it is no request; null if it is one
   */
  private record Asked(HttpRequest request, @Nullable Throwable fault) {}

  private HttpConnection(HttpListeners.Place place, Connections connections, long deadlineMs) {
    this.place = place;
    this.connections = connections;
    this.deadlineMs = deadlineMs;
  }

  static void set(
      Channel channel, HttpListeners.Place place, Connections connections, long deadlineMs) {
    channel
        .pipeline()
        .addLast(
            new HttpServerCodec(
                new HttpDecoderConfig()
                    .setMaxInitialLineLength(MAX_LINE_BYTES)
                    .setMaxHeaderSize(MAX_HEADER_BYTES)),
            new HttpServerKeepAliveHandler(),
            new HttpObjectAggregator(MAX_BODY_BYTES, true),
            new HttpConnection(place, connections, deadlineMs));
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    connections.add(ctx.channel(), place);
    startDeadline(ctx);
    ctx.read();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    connections.remove(ctx.channel());
    stopDeadline();
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
    connections.used(ctx.channel());
    String uri = request.uri();
    int query = uri.indexOf('?');
    String accept = request.headers().get(HttpHeaderNames.ACCEPT);
    HttpRequest plain =
        new HttpRequest(
            request.method().name(),
            query < 0 ? uri : uri.substring(0, query),
            accept == null ? "" : accept);
    waiting.add(new Asked(plain, request.decoderResult().cause()));
    next(ctx);
  }

  private void next(ChannelHandlerContext ctx) {
    if (answering) {
      return;
    }
    Asked asked = waiting.poll();
    if (asked == null) {
      ctx.read();
    } else if (asked.fault() != null) {
      refuse(ctx, asked.fault());
    } else {
      answering = true;
      answer(asked.request())
          .whenCompleteAsync((answer, failure) -> send(ctx, answer, failure), ctx.executor());
    }
  }

  private CompletionStage<HttpAnswer> answer(HttpRequest request) {
    try {
      return place.handler().answer(request);
    } catch (RuntimeException e) {
      return CompletableFuture.failedStage(e);
    }
  }

  private static void refuse(ChannelHandlerContext ctx, Throwable cause) {
    int code = 400;
    if (cause instanceof TooLongHttpLineException) {
      code = 414;
    } else if (cause instanceof TooLongHttpHeaderException) {
      code = 431;
    }
    var response = response(HttpAnswer.text(code, HttpResponseStatus.valueOf(code) + "\n"));
    response.headers().set(HttpHeaderNames.CONNECTION, "close");
    var unused = ctx.writeAndFlush(response).addListener(done -> close(ctx));
  }

  private void send(
      ChannelHandlerContext ctx, @Nullable HttpAnswer answer, @Nullable Throwable failure) {
    if (answer == null) {
      log.error("a request could not be answered", failure);
      answer = HttpAnswer.text(500, "the agent failed: its log has more\n");
    }
    var unused =
        ctx.writeAndFlush(response(answer))
            .addListener(
                done -> {
                  startDeadline(ctx);
                  answering = false;
                  next(ctx);
                });
  }

  private static DefaultFullHttpResponse response(HttpAnswer answer) {
    var response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            HttpResponseStatus.valueOf(answer.code()),
            Unpooled.wrappedBuffer(answer.body()));
    answer.headers().forEach((name, value) -> response.headers().set(name, value));
    response
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, answer.type())
        .set(HttpHeaderNames.CONTENT_LENGTH, answer.body().length)
        .set(HttpHeaderNames.DATE, DATE.format(Instant.now()));
    return response;
  }

  private void startDeadline(ChannelHandlerContext ctx) {
    stopDeadline();
    if (ctx.channel().isActive()) {
      deadline = ctx.executor().schedule(() -> close(ctx), deadlineMs, TimeUnit.MILLISECONDS);
    }
  }

  private void stopDeadline() {
    if (deadline != null) {
      deadline.cancel(false);
    }
  }

  /** A client that is gone, or talks something else: nobody has to know. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    log.debug("a connection ends", cause);
    close(ctx);
  }

  private static void close(ChannelHandlerContext ctx) {
    var unused = ctx.close();
  }
}
