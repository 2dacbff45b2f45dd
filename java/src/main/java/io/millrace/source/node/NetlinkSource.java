// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.node;

import io.millrace.bpf.BpfException;
import io.millrace.bpf.NetEvent;
import io.millrace.bpf.NetMonitor;
import io.millrace.model.HostState;
import io.millrace.model.Problem;
import io.millrace.source.Change;
import io.millrace.source.ObjectSink;
import io.millrace.source.ObjectSource;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns netlink's messages into the model's {@link HostState}, and offers it whenever it differs.
 *
 * <p>The socket is opened anew every few minutes: the snapshot that comes then puts right whatever
 * the kernel changed without a message, such as an IPv6 route replaced in place.
 */
public final class NetlinkSource implements ObjectSource {
  private static final Logger log = LoggerFactory.getLogger(NetlinkSource.class);

  private static final String NAME = "node";
  private static final int POLL_MS = 200;
  private static final long REOPEN_NS = TimeUnit.MINUTES.toNanos(5);
  private static final long RETRY_MS = 1000;

  private final Supplier<NetMonitor> monitors;
  private final CountDownLatch closed = new CountDownLatch(1);
  private @Nullable Thread thread;

  // Of the netlink thread.
  private HostTable table = new HostTable();
  private boolean inSnapshot;
  private @Nullable HostState published;

  /**
   * @param monitors opens a monitor of the network namespace to follow
   */
  public NetlinkSource(Supplier<NetMonitor> monitors) {
    this.monitors = monitors;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String detail() {
    return "links, addresses and routes";
  }

  @Override
  public void start(ObjectSink sink) {
    Thread started = new Thread(() -> run(sink), "netlink");
    started.setDaemon(true);
    started.start();
    thread = started;
  }

  private void run(ObjectSink sink) {
    boolean failing = false;
    while (!isClosed()) {
      try {
        if (failing) {
          closed.await(RETRY_MS, TimeUnit.MILLISECONDS);
        }
        follow(sink, failing);
        failing = false;
      } catch (BpfException e) {
        failing = true;
        log.warn("netlink failed, opening it again error={}", e.getMessage());
        sink.problems(
            NAME,
            List.of(
                new Problem("netlink", "", "", e.getMessage() + "; it is opened again and again")));
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /** Until it is time to open the socket anew. */
  private void follow(ObjectSink sink, boolean wasFailing) {
    try (NetMonitor monitor = monitors.get()) {
      long openedNs = System.nanoTime();
      boolean troubled = wasFailing;
      while (!isClosed() && System.nanoTime() - openedNs < REOPEN_NS) {
        round(monitor, POLL_MS, sink);
        if (troubled) {
          sink.problems(NAME, List.of());
          troubled = false;
        }
      }
    }
  }

  /** Takes what has come, and offers the host if that made a difference. */
  void round(NetMonitor monitor, int timeoutMs, ObjectSink sink) {
    boolean[] any = {false};
    monitor.poll(
        timeoutMs,
        event -> {
          any[0] = true;
          take(event);
        });
    if (any[0] && !inSnapshot) {
      publish(sink);
    }
  }

  private void take(NetEvent event) {
    if (event instanceof NetEvent.SnapshotBegin) {
      inSnapshot = true;
      table = new HostTable();
    } else if (event instanceof NetEvent.SnapshotEnd) {
      inSnapshot = false;
    } else {
      table.apply(event);
    }
  }

  private void publish(ObjectSink sink) {
    HostState state = table.state();
    boolean first = published == null;
    if (!state.equals(published)) {
      published = state;
      sink.offer(Change.put(state));
    }
    if (first) {
      sink.synced(NAME);
    }
  }

  private boolean isClosed() {
    return closed.getCount() == 0;
  }

  @Override
  public void close() {
    closed.countDown();
    Thread started = thread;
    if (started != null) {
      try {
        started.join(TimeUnit.SECONDS.toMillis(1));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
