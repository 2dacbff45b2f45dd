// SPDX-License-Identifier: Apache-2.0
package io.millrace.fake.api;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.Arrays;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Sends one answer as fast as the client takes it, and as a fault would have it. */
final class Reply {
  private static final int TICKS_PER_SECOND = 50;

  private final ChannelHandlerContext ctx;
  private final Answer answer;
  private final Runnable done;
  private final Fault.@Nullable Broken broken;
  private final int budgetPerTick;
  private @Nullable Future<?> ticks;
  private byte @Nullable [] rest;
  private long sent;
  private int budget;
  private boolean over;
  private boolean pumping;

  /**
   * An answer that is to be sent.
   *
   * @param done runs when the answer has come to its end, and the connection is free
   */
  Reply(ChannelHandlerContext ctx, Answer answer, @Nullable Fault fault, Runnable done) {
    this.ctx = ctx;
    this.answer = answer;
    this.done = done;
    broken = fault instanceof Fault.Broken found ? found : null;
    budgetPerTick =
        fault instanceof Fault.Slow slow
            ? Math.max(1, slow.bytesPerSecond() / TICKS_PER_SECOND)
            : Integer.MAX_VALUE;
    budget = budgetPerTick;
  }

  /** Sends the headers and begins with the body. */
  void start() {
    if (broken != null && broken.afterBytes() < 0) {
      end(broken.end());
      return;
    }
    write(headers(answer));
    if (budgetPerTick != Integer.MAX_VALUE) {
      int tickMs = 1000 / TICKS_PER_SECOND;
      ticks = ctx.executor().scheduleAtFixedRate(this::tick, tickMs, tickMs, TimeUnit.MILLISECONDS);
    }
    if (broken != null && broken.afterBytes() == 0) {
      end(broken.end());
    }
    pump();
  }

  private static HttpResponse headers(Answer answer) {
    HttpResponse response =
        new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(answer.code()));
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, "application/json");
    response.headers().set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
    answer.headers().forEach((name, value) -> response.headers().set(name, value));
    return response;
  }

  private void tick() {
    budget = budgetPerTick;
    pump();
  }

  /** Sends what there is. A flush may lead here again. */
  void pump() {
    if (pumping) {
      return;
    }
    pumping = true;
    boolean more = true;
    while (more) {
      more = fill();
    }
    pumping = false;
    ctx.flush();
  }

  /** Whether there may be more when this has been flushed. */
  private boolean fill() {
    while (!over && budget > 0 && ctx.channel().isWritable()) {
      byte[] piece = rest != null ? rest : answer.body().next();
      if (piece == null) {
        if (answer.body().ended()) {
          end(Fault.End.CLEAN);
        }
        return false;
      }
      rest = send(piece);
      if (broken != null && sent == broken.afterBytes()) {
        end(broken.end());
      }
    }
    ctx.flush();
    return !over && budget > 0 && ctx.channel().isWritable();
  }

  /** Sends as much of it as may be sent now, and gives back the rest. */
  private byte @Nullable [] send(byte[] piece) {
    long limit = broken == null ? Long.MAX_VALUE : broken.afterBytes() - sent;
    int length = (int) Math.min(piece.length, Math.min(limit, budget));
    write(new DefaultHttpContent(Unpooled.wrappedBuffer(piece, 0, length)));
    sent += length;
    if (budgetPerTick != Integer.MAX_VALUE) {
      budget -= length;
    }
    return length == piece.length ? null : Arrays.copyOfRange(piece, length, piece.length);
  }

  /** Ends the body here and now. */
  void end(Fault.End end) {
    if (over) {
      return;
    }
    stop();
    switch (end) {
      case CLEAN -> {
        write(LastHttpContent.EMPTY_LAST_CONTENT);
        ctx.flush();
        done.run();
      }
      case CLOSED, RESET -> close(ctx, end);
      case SILENT -> ctx.flush();
    }
  }

  /** The connection has gone. */
  void stop() {
    over = true;
    if (ticks != null) {
      ticks.cancel(false);
    }
  }

  static void close(ChannelHandlerContext ctx, Fault.End end) {
    ctx.flush();
    if (end == Fault.End.RESET) {
      ctx.channel().config().setOption(ChannelOption.SO_LINGER, 0);
    }
    var unused = ctx.close();
  }

  private void write(Object part) {
    var unused = ctx.write(part);
  }
}
