// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import io.millrace.admin.AdminBackend;
import io.millrace.admin.AdminException;
import io.millrace.admin.proto.Counter;
import io.millrace.admin.proto.Drop;
import io.millrace.admin.proto.Drops;
import io.millrace.admin.proto.Error;
import io.millrace.admin.proto.EventsRequest;
import io.millrace.admin.proto.FlowsRequest;
import io.millrace.admin.proto.Request;
import io.millrace.admin.proto.Response;
import io.millrace.admin.proto.ServicesRequest;
import io.millrace.admin.proto.Status;
import io.millrace.bpf.BpfException;
import io.millrace.bpf.Dataplane;
import io.millrace.bpf.MapName;
import io.millrace.compile.policy.PolicyTables;
import io.millrace.model.ClusterImage;
import io.millrace.model.Ip;
import io.millrace.model.PodState;
import io.millrace.model.ServicePortKey;
import io.millrace.reconcile.Reconciler;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Answers the admin API: from what other threads have published, or by a task for the control
 * thread. That one only gathers what a list needs; the list is made elsewhere.
 */
final class AdminRequests implements AdminBackend {
  private static final long TIMEOUT_MS = 10_000;
  private static final int DEFAULT_FLOWS = 1000;
  private static final int MAX_FLOWS = 100_000;
  private static final int MAX_WAIT_MS = 30_000;

  private final ControlLoop loop;
  private final KernelEngine engine;
  private final Supplier<Status> status;
  private final Executor walker;
  private final Tracing tracing;

  /** Null if the programs tell nothing of packets. */
  private final @Nullable EventKeeper events;

  /** One large answer at a time: their memory is bounded by it. */
  private final AtomicBoolean listing = new AtomicBoolean();

  /**
   * @param walker makes long lists, so that the control thread need not
   */
  AdminRequests(
      ControlLoop loop,
      KernelEngine engine,
      Supplier<Status> status,
      Executor walker,
      @Nullable EventKeeper events) {
    this.loop = loop;
    this.engine = engine;
    this.status = status;
    this.walker = walker;
    tracing = new Tracing(loop, engine, walker, TIMEOUT_MS);
    this.events = events;
  }

  /** What is refused on the control thread, on its way through a future. */
  static final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Refusal(AdminException cause) {
      super(cause);
    }
  }

  @Override
  public CompletionStage<List<Response>> handle(Request request) {
    return switch (request.getCommandCase()) {
      case STATUS ->
          CompletableFuture.completedFuture(
              List.of(Response.newBuilder().setStatus(status.get()).build()));
      case SERVICES -> list(() -> services(request.getServices()));
      case FLOWS -> list(() -> flows(request.getFlows()));
      case DROPS -> explained(loop.tasks().submit(this::drops, TIMEOUT_MS));
      case TRACE -> explained(tracing.trace(request.getTrace()));
      case EVENTS -> events(request.getEvents());
      case POLICIES -> list(() -> policies(request.getPolicies().getPod()));
      case COMMAND_NOT_SET ->
          failed(
              Error.Code.INVALID_ARGUMENT,
              "no command that this version knows: agent and client differ in version");
    };
  }

  private CompletionStage<List<Response>> list(Supplier<CompletionStage<List<Response>>> answer) {
    if (!listing.compareAndSet(false, true)) {
      return failed(Error.Code.BUSY, "another list is being answered: ask again");
    }
    return answer.get().whenComplete((pages, failure) -> listing.set(false));
  }

  private CompletionStage<List<Response>> services(ServicesRequest request) {
    return explained(
        loop.tasks()
            .submit(
                () ->
                    ServiceListing.take(
                        engine, loop.image(), request.getName(), request.getEndpoints()),
                TIMEOUT_MS)
            .thenApplyAsync(
                listing -> {
                  try {
                    return listing.pages(request.getName());
                  } catch (AdminException e) {
                    throw new Refusal(e);
                  }
                },
                walker));
  }

  private CompletionStage<List<Response>> flows(FlowsRequest request) {
    int limit = request.getLimit() == 0 ? DEFAULT_FLOWS : request.getLimit();
    if (limit < 1 || limit > MAX_FLOWS) {
      return failed(
          Error.Code.INVALID_ARGUMENT,
          "limit " + request.getLimit() + " is not between 1 and " + MAX_FLOWS);
    }
    Ip address = request.getAddress().isEmpty() ? null : Ip.tryParse(request.getAddress());
    if (address == null && !request.getAddress().isEmpty()) {
      return failed(
          Error.Code.INVALID_ARGUMENT, "address " + request.getAddress() + " is no IP address");
    }
    return explained(
        loop.tasks()
            .submit(
                () -> {
                  try {
                    return prepare(request, address, limit);
                  } catch (AdminException e) {
                    throw new Refusal(e);
                  }
                },
                TIMEOUT_MS)
            .thenApplyAsync(this::scan, walker));
  }

  private CompletionStage<List<Response>> events(EventsRequest request) {
    if (request.getWaitMs() < 0 || request.getWaitMs() > MAX_WAIT_MS) {
      return failed(
          Error.Code.INVALID_ARGUMENT,
          "wait_ms " + request.getWaitMs() + " is not between 0 and " + MAX_WAIT_MS);
    }
    if (events == null) {
      return failed(Error.Code.NOT_FOUND, "the programs tell nothing of single packets");
    }
    return events
        .ask(request)
        .thenApply(page -> List.of(Response.newBuilder().setEvents(page).build()));
  }

  private CompletionStage<List<Response>> policies(String pod) {
    return explained(
        loop.tasks()
            .submit(() -> new Policies(loop.image(), engine.policyTables()), TIMEOUT_MS)
            .thenApplyAsync(
                known -> {
                  try {
                    return PolicyListing.pages(
                        known.image(), known.tables(), engine.nodeName(), pod);
                  } catch (AdminException e) {
                    throw new Refusal(e);
                  }
                },
                walker));
  }

  private record Policies(ClusterImage image, PolicyTables tables) {}

  // ---- on the control thread ------------------------------------------------------------------

  private FlowScan prepare(FlowsRequest request, @Nullable Ip address, int limit)
      throws AdminException {
    Map<Integer, ServicePortKey> ports = new HashMap<>();
    Reconciler reconciler = engine.reconciler();
    if (reconciler != null) {
      ports.putAll(reconciler.servicePorts());
    }
    FlowFilter filter =
        new FlowFilter(
            request.getPod().isEmpty() ? null : podAddresses(request.getPod()),
            request.getService().isEmpty() ? null : serviceIds(request.getService(), ports),
            address,
            request.getReplies(),
            limit);
    return new FlowScan(filter, id -> portName(ports.get(id), id), System.nanoTime());
  }

  private static String portName(@Nullable ServicePortKey port, int id) {
    if (port == null) {
      return "#" + Integer.toUnsignedString(id);
    }
    return port.service() + (port.port().isEmpty() ? "" : ":" + port.port());
  }

  private Set<Ip> podAddresses(String name) throws AdminException {
    Set<Ip> addresses = new HashSet<>();
    boolean found = false;
    for (PodState pod : loop.image().pods().values()) {
      if (name.equals(pod.name()) || name.equals(pod.namespace() + "/" + pod.name())) {
        found = true;
        addresses.addAll(pod.ips());
      }
    }
    if (!found) {
      throw new AdminException(
          Error.Code.NOT_FOUND, "no pod " + name + " is known; --address takes an address");
    }
    return addresses;
  }

  private static Set<Integer> serviceIds(String name, Map<Integer, ServicePortKey> ports)
      throws AdminException {
    Set<Integer> ids = new HashSet<>();
    ports.forEach(
        (id, port) -> {
          if (ServiceListing.matches(port.service(), name)) {
            ids.add(id);
          }
        });
    if (ids.isEmpty()) {
      throw new AdminException(
          Error.Code.NOT_FOUND,
          "no service " + name + " is in force: `millrace services` lists all of them");
    }
    return ids;
  }

  private List<Response> drops() {
    Drops.Builder drops = Drops.newBuilder();
    engine
        .dataplane()
        .drops()
        .forEach(
            drop ->
                drops.addDrops(
                    Drop.newBuilder()
                        .setReason(drop.reason())
                        .setPackets(drop.packets())
                        .setBytes(drop.bytes())));
    engine
        .dataplane()
        .counters()
        .forEach(
            counter ->
                drops.addCounters(
                    Counter.newBuilder().setName(counter.name()).setValue(counter.value())));
    return List.of(Response.newBuilder().setDrops(drops).build());
  }

  // ---- elsewhere ------------------------------------------------------------------------------

  private List<Response> scan(FlowScan scan) {
    Dataplane dataplane = engine.dataplane();
    return scan.scan(dataplane.map(MapName.FLOWS4), dataplane.map(MapName.FLOWS6));
  }

  // ---- errors ---------------------------------------------------------------------------------

  private static CompletionStage<List<Response>> failed(Error.Code code, String message) {
    return CompletableFuture.failedFuture(new AdminException(code, message));
  }

  /** Turns what may go wrong on the way into errors of the API. */
  private static CompletionStage<List<Response>> explained(
      CompletableFuture<List<Response>> answer) {
    return answer.exceptionallyCompose(
        failure -> {
          Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
          if (cause instanceof Refusal refusal) {
            cause = refusal.getCause();
          } else if (cause instanceof TimeoutException) {
            cause =
                new AdminException(
                    Error.Code.DEADLINE, "the control thread is busy: ask again, or see the log");
          } else if (cause instanceof BpfException kernel) {
            cause = new AdminException(Error.Code.INTERNAL, String.valueOf(kernel.getMessage()));
          }
          return CompletableFuture.failedFuture(cause);
        });
  }
}
