// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.kubernetes;

import io.millrace.model.Problem;
import io.millrace.source.Change;
import io.millrace.source.ObjectSink;
import io.millrace.source.ObjectSource;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Follows the API server: Services, EndpointSlices, Nodes, Pods, Namespaces and NetworkPolicies.
 * Whatever happens to the server or on the way to it, what is known stays until the server itself
 * says that it is gone.
 */
public final class KubernetesSource implements ObjectSource {
  /** What the sink knows it as. */
  public static final String NAME = "kubernetes";

  private final Api api;
  private final String server;
  private final String nodeName;
  private final ApiTimings timings;
  private final RandomGenerator random;
  private final ApiClock clock;
  private final Map<Resource, Progress> progress = new EnumMap<>(Resource.class);
  private final List<Reflector> reflectors = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();

  /** Complete lists that are still to come, and the Node object. */
  private final AtomicInteger missing = new AtomicInteger(Resource.values().length + 1);

  private final Events events;
  private @Nullable OwnNode node;
  private List<Problem> reported = List.of();

  /**
   * @param random thread-safe
   * @throws IOException if certificates or keys cannot be used; says why
   */
  public KubernetesSource(
      ApiConfig config, String nodeName, ApiTimings timings, RandomGenerator random)
      throws IOException {
    this(new ApiClient(config), config.server(), nodeName, timings, random, ApiClock.SYSTEM);
  }

  KubernetesSource(
      Api api,
      String server,
      String nodeName,
      ApiTimings timings,
      RandomGenerator random,
      ApiClock clock) {
    this.api = api;
    this.server = server;
    this.nodeName = nodeName;
    this.timings = timings;
    this.random = random;
    this.clock = clock;
    events = new Events(api, nodeName, random, clock, InstantSource.system());
  }

  @Override
  public String name() {
    return NAME;
  }

  /** For example {@code https://10.0.0.1:6443: services 12, endpointslices 14, nodes 3, pods 7}. */
  @Override
  public synchronized String detail() {
    return server
        + progress.values().stream()
            .map(Progress::detail)
            .collect(Collectors.joining(", ", progress.isEmpty() ? "" : ": ", ""));
  }

  /** How each resource is doing. */
  public synchronized List<ResourceStats> stats() {
    return progress.values().stream().map(Progress::stats).toList();
  }

  /** Where the owners of Services are told what they should know; works once this has started. */
  public Events events() {
    return events;
  }

  @Override
  public synchronized void start(ObjectSink sink) {
    OwnNode own = new OwnNode(nodeName, timings.ownNode(), () -> report(sink), () -> synced(sink));
    node = own;
    for (Resource resource : Resource.values()) {
      boolean nodes = resource == Resource.NODES;
      Progress its = new Progress(resource, clock, () -> report(sink));
      progress.put(resource, its);
      Reflector reflector =
          new Reflector(
              new ResourceApi(resource, api, timings),
              new Held(nodes ? sink(sink, own) : sink::offer),
              its,
              clock,
              random,
              nodes ? () -> nodesListed(sink, own) : () -> synced(sink));
      reflectors.add(reflector);
      threads.add(thread(reflector, resource.title()));
    }
    threads.add(thread(events, "events"));
    threads.forEach(Thread::start);
  }

  private static Consumer<Change> sink(ObjectSink sink, OwnNode own) {
    return change -> {
      sink.offer(change);
      own.offer(change);
    };
  }

  private void nodesListed(ObjectSink sink, OwnNode own) {
    own.listed();
    synced(sink);
  }

  private static Thread thread(Runnable task, String name) {
    Thread thread = new Thread(task, "millrace-" + name);
    thread.setDaemon(true);
    return thread;
  }

  private void synced(ObjectSink sink) {
    if (missing.decrementAndGet() == 0) {
      sink.synced(NAME);
    }
  }

  private synchronized void report(ObjectSink sink) {
    List<Problem> problems = new ArrayList<>();
    progress.values().forEach(each -> problems.addAll(each.problems()));
    if (node != null) {
      problems.addAll(node.problems());
    }
    if (!problems.equals(reported)) {
      reported = List.copyOf(problems);
      sink.problems(NAME, reported);
    }
  }

  @Override
  public synchronized void close() {
    reflectors.forEach(Reflector::close);
    threads.forEach(Thread::interrupt);
    if (api instanceof ApiClient client) {
      client.close();
    }
  }
}
