// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import io.millrace.model.ClusterImage;
import io.millrace.model.HostState;
import io.millrace.model.Ip;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts how often this host's devices, addresses or routes have become others, and logs which of
 * its addresses came and went. Devices are logged by who attaches programs to them.
 */
final class HostWatch implements LoopObserver {
  private static final Logger log = LoggerFactory.getLogger(HostWatch.class);
  private static final int LOGGED_PER_WINDOW = 10;

  private final LogLimit limit;
  private HostState host = HostState.EMPTY;
  private final AtomicLong changes = new AtomicLong();

  HostWatch(LongSupplier clockNs) {
    limit =
        new LogLimit(
            LOGGED_PER_WINDOW,
            () -> log.info("this host's addresses change more often, which is not logged"),
            clockNs);
  }

  @Override
  public void image(ClusterImage image) {
    HostState before = host;
    if (image.host().equals(before)) {
      return;
    }
    host = image.host();
    if (before.equals(HostState.EMPTY)) {
      return;
    }
    changes.incrementAndGet();
    Set<Ip> came = addresses(host);
    came.removeAll(addresses(before));
    Set<Ip> went = addresses(before);
    went.removeAll(addresses(host));
    if (!came.isEmpty() || !went.isEmpty()) {
      limit.write(() -> log.info("this host's addresses changed came={} went={}", came, went));
    }
  }

  private static Set<Ip> addresses(HostState host) {
    Set<Ip> addresses = new TreeSet<>();
    host.addresses().stream()
        .filter(HostState.Address::global)
        .forEach(address -> addresses.add(address.ip()));
    return addresses;
  }

  /** Since the start. Callable from any thread. */
  long changes() {
    return changes.get();
  }

  void collect(MetricList out) {
    out.counter(
        "millrace_host_changes",
        "How often this host's devices, addresses or routes have become others",
        changes.get());
  }
}
