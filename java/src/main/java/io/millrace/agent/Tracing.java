// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import io.millrace.admin.AdminException;
import io.millrace.admin.proto.Response;
import io.millrace.admin.proto.TraceRequest;
import io.millrace.trace.TracePlan;
import io.millrace.trace.TracePlanner;
import io.millrace.trace.TraceStory;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Answers {@code millrace trace}. The control thread says what names mean, before and after; the
 * kernel is asked elsewhere, because to load the program takes a moment.
 */
final class Tracing {
  private final ControlLoop loop;
  private final KernelEngine engine;
  private final Executor walker;
  private final long timeoutMs;
  private final TracePlanner planner;
  private final EngineWorld world;

  Tracing(ControlLoop loop, KernelEngine engine, Executor walker, long timeoutMs) {
    this.loop = loop;
    this.engine = engine;
    this.walker = walker;
    this.timeoutMs = timeoutMs;
    world = new EngineWorld(engine, loop::image);
    planner = new TracePlanner(world, new Random());
  }

  CompletableFuture<List<Response>> trace(TraceRequest request) {
    return loop.tasks()
        .submit(() -> plan(request), timeoutMs)
        .thenApplyAsync(plan -> plan.run(engine.dataplane()::trace), walker)
        .thenCompose(met -> loop.tasks().submit(() -> TraceStory.tell(world, met), timeoutMs))
        .thenApply(trace -> List.of(Response.newBuilder().setTrace(trace).build()));
  }

  private TracePlan plan(TraceRequest request) {
    try {
      return planner.plan(request);
    } catch (AdminException e) {
      throw new AdminRequests.Refusal(e);
    }
  }
}
