// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import io.millrace.admin.proto.Event;
import io.millrace.admin.proto.EventsPage;
import io.millrace.admin.proto.EventsRequest;
import io.millrace.bpf.EventRing;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads what the programs tell of packets, by a thread of its own: keeps the last events, answers
 * who follows them, and logs denials at a bounded rate.
 */
final class EventKeeper implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EventKeeper.class);
  private static final int POLL_MS = 500;
  private static final int LOGGED_PER_WINDOW = 10;

  /** How often the control thread is asked for ServicePorts at most: they are many. */
  private static final long ASK_NS = TimeUnit.SECONDS.toNanos(1);

  /** How long the programs tell of what they let through after somebody has asked. */
  private static final long INTEREST_NS = TimeUnit.SECONDS.toNanos(20);

  private final EventRing ring;
  private final EventBook book;
  private final EventText text;
  private final Runnable askServices;
  private final EventLog events = new EventLog();
  private final LongSupplier clockNs;
  private final Consumer<Boolean> tellAllowed;
  private final LogLimit limit;
  private final AtomicLong seen = new AtomicLong();
  private final Thread thread = new Thread(this::run, "events");
  private volatile long interestUntilNs;
  private volatile boolean interested;
  private volatile boolean stopping;
  private boolean telling;
  private long askedNs;

  /**
   * @param epochMs milliseconds of the epoch at 0 of the events' clock, which changes if the time
   *     is set
   * @param askServices has the control thread tell the book of ServicePorts
   * @param tellAllowed asks the programs to tell of what they let through, or to stop that
   */
  EventKeeper(
      EventRing ring,
      EventBook book,
      DoubleSupplier epochMs,
      Consumer<Boolean> tellAllowed,
      Runnable askServices,
      LongSupplier clockNs) {
    this.ring = ring;
    this.book = book;
    this.askServices = askServices;
    text = new EventText(book, epochMs);
    this.tellAllowed = tellAllowed;
    this.clockNs = clockNs;
    limit =
        new LogLimit(
            LOGGED_PER_WINDOW,
            () ->
                log.info("more packets are dropped and not logged: see `millrace drops --follow`"),
            clockNs);
    askedNs = clockNs.getAsLong() - ASK_NS;
  }

  /** Begins to read; to be closed before the dataplane is. */
  EventKeeper start() {
    thread.setDaemon(true);
    thread.start();
    return this;
  }

  /** Callable from any thread. */
  CompletableFuture<EventsPage> ask(EventsRequest request) {
    if (request.getAllowed()) {
      interestUntilNs = clockNs.getAsLong() + INTEREST_NS;
      interested = true;
    }
    return events.ask(request);
  }

  /** Events read since the start. */
  long seen() {
    return seen.get();
  }

  /** One look at the ring. */
  void turn(int timeoutMs) {
    ring.poll(
        timeoutMs,
        event -> {
          seen.incrementAndGet();
          Event.Builder told = text.of(event);
          events.add(told);
          if (!told.getVerdict().equals(EventText.ALLOWED)) {
            limit.write(() -> report(told));
          }
        });
    events.wake();
    long nowNs = clockNs.getAsLong();
    boolean tell = interested && interestUntilNs - nowNs > 0;
    if (tell != telling) {
      telling = tell;
      tellAllowed.accept(tell);
    }
    if (nowNs - askedNs >= ASK_NS && book.takeMissed()) {
      askedNs = nowNs;
      askServices.run();
    }
  }

  private static void report(Event.Builder event) {
    log.info(
        "{} {} protocol={} from={} {} to={} {} reason={} policy={} rule={}",
        event.getVerdict(),
        event.getDirection(),
        event.getProtocol(),
        socket(event.getClient(), event.getClientPort()),
        event.getClientPod(),
        socket(event.getServer(), event.getServerPort()),
        event.getServerPod(),
        event.getReason(),
        event.getPolicy().isEmpty() ? event.getIsolatedByList() : event.getPolicy(),
        event.getRule());
  }

  private static String socket(String address, int port) {
    return address.indexOf(':') >= 0 ? "[" + address + "]:" + port : address + ":" + port;
  }

  private void run() {
    while (!stopping) {
      try {
        turn(POLL_MS);
      } catch (RuntimeException e) {
        log.warn("events cannot be read, tried again reason={}", e.getMessage());
        pause();
      }
    }
    ring.close();
  }

  private void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(POLL_MS);
    } catch (InterruptedException e) {
      stopping = true;
    }
  }

  @Override
  public void close() {
    stopping = true;
    try {
      thread.join(TimeUnit.SECONDS.toMillis(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
