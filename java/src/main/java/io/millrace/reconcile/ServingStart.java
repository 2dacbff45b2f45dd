// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.bpf.Adopted;
import io.millrace.bpf.Adoption;
import io.millrace.bpf.BpfException;
import io.millrace.bpf.Dataplane;
import io.millrace.bpf.Hold;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When this node's services begin to be served by us, who may be served by somebody else until then
 * (kube-proxy):
 *
 * <pre>
 *   1 held            where no program stands yet: new connections are left to the stack, and remembered
 *   2 attachments     by the reconciler, of all devices
 *   3 200 ms of rest  if anybody else has connections: packets that passed a device before 2 are tracked by now
 *   4 look            connections of before 2 are entered among the flows, and so left to the stack
 *   5 served          one store: every connection is either known as somebody else's, or is ours
 *   6 1 s later       another look, for the ports of those that began between 4 and 5
 * </pre>
 *
 * <p>An agent that dies in between is followed by one that goes on with it. One that finds its
 * programs in place does none of this.
 */
final class ServingStart {
  private static final Logger LOG = LoggerFactory.getLogger(ServingStart.class);
  private static final long REST_NS = TimeUnit.MILLISECONDS.toNanos(200);
  private static final long SECOND_LOOK_NS = TimeUnit.SECONDS.toNanos(1);
  private static final long NEVER = Long.MAX_VALUE;

  private final Dataplane dataplane;
  private boolean fresh;
  private boolean held;
  private boolean attached;
  private long restNs;
  private long dueNs = NEVER;

  ServingStart(Dataplane dataplane) {
    this.dataplane = dataplane;
  }

  /**
   * @param nothingStands no program of ours is on any device
   */
  void load(boolean nothingStands) {
    Hold hold = dataplane.hold();
    fresh = nothingStands && hold == Hold.NONE;
    held = hold == Hold.START;
  }

  /** Step 1; to be called before the first program is attached. */
  void begin() {
    if (!fresh && !held) {
      return;
    }
    if (fresh) {
      dataplane.setHold(Hold.START);
      fresh = false;
      held = true;
    }
    if (!attached) {
      restNs = ask(dataplane::adopt).left() > 0 ? REST_NS : 0;
    }
  }

  /** Steps 3 to 6; to be called once all devices have been tried. */
  void write(long nowNs) {
    if (held && !attached) {
      attached = true;
      dueNs = nowNs + restNs;
    }
    if (nowNs < dueNs) {
      return;
    }
    dueNs = NEVER;
    Adoption found = ask(dataplane::adopt);
    if (found.adopted() != Adopted.NONE) {
      dataplane.setAdopted(found.adopted());
    }
    if (held) {
      dataplane.setHold(Hold.NONE);
      held = false;
      begun(found, nowNs);
    }
  }

  private void begun(Adoption found, long nowNs) {
    if (found.left() > 0) {
      LOG.info(
          "serving; connections that others carry stay theirs tcp={} udp={}",
          found.tcp(),
          found.udp());
      dueNs = nowNs + SECOND_LOOK_NS;
      return;
    }
    LOG.info("serving");
    // Packets that nobody has translated were taken for such, too.
    ask(dataplane::keepAdopted);
  }

  long waitNs(long nowNs) {
    return dueNs == NEVER ? NEVER : Math.max(0, dueNs - nowNs);
  }

  boolean isSettled() {
    return !held && !fresh;
  }

  /** Where nobody can be asked, nobody is waited for: new connections count for more. */
  private static Adoption ask(Supplier<Adoption> question) {
    try {
      return question.get();
    } catch (BpfException e) {
      LOG.warn("connections that others carry may be cut: {}", e.getMessage());
      return Adoption.NONE;
    }
  }
}
