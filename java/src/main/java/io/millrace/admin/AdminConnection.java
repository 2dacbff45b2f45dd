// SPDX-License-Identifier: Apache-2.0
package io.millrace.admin;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.admin.proto.Error;
import io.millrace.admin.proto.Request;
import io.millrace.admin.proto.Response;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufInputStream;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One client: a request at a time, and every request gets an answer or an error. */
final class AdminConnection extends SimpleChannelInboundHandler<ByteBuf> {
  private static final Logger log = LoggerFactory.getLogger(AdminConnection.class);

  private final AdminBackend backend;
  private final AtomicInteger connections;
  private @Nullable Future<?> idleTimer;
  private boolean answering;
  private boolean closing;

  AdminConnection(AdminBackend backend, AtomicInteger connections) {
    this.backend = backend;
    this.connections = connections;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    if (connections.incrementAndGet() > Frames.MAX_CONNECTIONS) {
      refuse(
          ctx, Error.Code.BUSY, "more than " + Frames.MAX_CONNECTIONS + " connections: ask again");
      return;
    }
    startIdleTimer(ctx);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    connections.decrementAndGet();
    stopIdleTimer();
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, ByteBuf frame) {
    if (closing) {
      return;
    }
    if (answering) {
      refuse(ctx, Error.Code.INVALID_FRAME, "a request before the answer to the last one");
      return;
    }
    Request request;
    try {
      request = Request.parseFrom(new ByteBufInputStream(frame));
    } catch (InvalidProtocolBufferException e) {
      refuse(ctx, Error.Code.INVALID_FRAME, "not a request: " + e.getMessage());
      return;
    } catch (IOException e) {
      throw new IllegalStateException("reading from memory cannot fail", e);
    }
    answering = true;
    stopIdleTimer();
    // Whoever does not read its answers may not make us hold more of them.
    ctx.channel().config().setAutoRead(false);
    backend
        .handle(request)
        .whenCompleteAsync((frames, failure) -> answer(ctx, frames, failure), ctx.executor());
  }

  private void answer(
      ChannelHandlerContext ctx, @Nullable List<Response> frames, @Nullable Throwable failure) {
    if (failure != null || frames == null) {
      frames = List.of(Response.newBuilder().setError(errorOf(failure)).build());
    }
    startIdleTimer(ctx); // also for a client that does not read its answer
    for (int i = 0; i < frames.size(); i++) {
      boolean last = i == frames.size() - 1;
      Response frame = frames.get(i);
      var written = ctx.write(encode(last ? frame.toBuilder().setLast(true).build() : frame));
      if (last) {
        written.addListener(
            done -> {
              answering = false;
              ctx.channel().config().setAutoRead(true);
              startIdleTimer(ctx);
            });
      }
    }
    ctx.flush();
  }

  private static Error errorOf(@Nullable Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    if (cause instanceof AdminException refused) {
      return refused.toError();
    }
    log.error("an admin request failed", cause);
    return new AdminException(
            Error.Code.INTERNAL, "the agent failed: " + cause + "; its log has more")
        .toError();
  }

  private static ByteBuf encode(Response response) {
    byte[] message = response.toByteArray();
    if (message.length > Frames.MAX_RESPONSE_BYTES) {
      message =
          Response.newBuilder()
              .setLast(true)
              .setError(
                  new AdminException(Error.Code.INTERNAL, "the answer is too long: ask for less")
                      .toError())
              .build()
              .toByteArray();
    }
    return Unpooled.buffer(Frames.LENGTH_BYTES + message.length)
        .writeInt(message.length)
        .writeBytes(message);
  }

  private void refuse(ChannelHandlerContext ctx, Error.Code code, String message) {
    closing = true;
    Response response =
        Response.newBuilder()
            .setLast(true)
            .setError(new AdminException(code, message).toError())
            .build();
    ctx.writeAndFlush(encode(response)).addListener(ChannelFutureListener.CLOSE);
  }

  private void startIdleTimer(ChannelHandlerContext ctx) {
    stopIdleTimer();
    idleTimer =
        ctx.executor().schedule(() -> close(ctx), Frames.IDLE_TIMEOUT_MS, TimeUnit.MILLISECONDS);
  }

  private void stopIdleTimer() {
    if (idleTimer != null) {
      idleTimer.cancel(false);
    }
  }

  /** A frame that is too long, or a client that is gone. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof io.netty.handler.codec.DecoderException) {
      refuse(ctx, Error.Code.INVALID_FRAME, "not a frame: " + cause.getMessage());
    } else {
      close(ctx);
    }
  }

  private static void close(ChannelHandlerContext ctx) {
    var unused = ctx.close();
  }
}
