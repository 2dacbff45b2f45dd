// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.bpf.BpfException;
import io.millrace.bpf.Dataplane;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The programs at the socket hooks of a cgroup. They are an acceleration: what fails here is told,
 * tried again, and stops nothing, since the packet path serves every packet.
 */
final class SocketHooks {
  private static final Logger LOG = LoggerFactory.getLogger(SocketHooks.class);

  private final Dataplane dataplane;
  private final SocketLb wanted;
  private final Backoff backoff = new Backoff();
  private boolean done;
  private String failure = "";

  SocketHooks(Dataplane dataplane, SocketLb wanted) {
    this.dataplane = dataplane;
    this.wanted = wanted;
  }

  /** Attaches the programs, or takes off what an earlier agent left, once. */
  void write(long nowNs) {
    if (done || !backoff.isDue(nowNs)) {
      return;
    }
    try {
      Path cgroup = wanted.cgroup();
      if (cgroup == null) {
        dataplane.detachSockets();
        LOG.info("socket load balancing is off: {}", wanted.reason());
      } else {
        dataplane.attachSockets(cgroup);
        LOG.info("socket load balancing is on cgroup={}", cgroup);
      }
      done = true;
      failure = "";
      backoff.succeeded();
    } catch (BpfException e) {
      failed(e, nowNs);
    }
  }

  /** Puts back links that are gone; how many had to be. */
  int audit(long nowNs) {
    Path cgroup = wanted.cgroup();
    if (!done || cgroup == null) {
      return 0;
    }
    try {
      return dataplane.attachSockets(cgroup);
    } catch (BpfException e) {
      done = false;
      failed(e, nowNs);
      return 0;
    }
  }

  long waitNs(long nowNs) {
    return backoff.waitNs(nowNs);
  }

  /** {@code on}, or {@code off} and why. */
  String state() {
    if (!wanted.isOn()) {
      return "off: " + wanted.reason();
    }
    if (done) {
      return "on";
    }
    return failure.isEmpty() ? "off: not attached yet" : "off: " + failure;
  }

  /** The first of a row of failures is worth a line. */
  private void failed(BpfException e, long nowNs) {
    String reason = String.valueOf(e.getMessage());
    if (!reason.equals(failure)) {
      LOG.warn("socket load balancing is off, packets are translated one by one: {}", reason);
    }
    failure = reason;
    backoff.failed(nowNs);
  }
}
