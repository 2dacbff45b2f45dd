// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.model.Ip;

/**
 * A backend that its port no longer uses. It stays active until no frontend leads to it, and keeps
 * its entry until a grace period is over; should its endpoint come back before, it is taken up
 * again. Compared by identity.
 */
final class Retired {
  private final PortState owner;
  private final int id;
  private final Ip ip;
  private final int port;
  private boolean unreachable;

  Retired(PortState owner, int id, Ip ip, int port) {
    this.owner = owner;
    this.id = id;
    this.ip = ip;
    this.port = port;
  }

  PortState owner() {
    return owner;
  }

  int id() {
    return id;
  }

  boolean is(Ip otherIp, int otherPort) {
    return port == otherPort && ip.equals(otherIp);
  }

  /** Whether no frontend leads to it, so that its grace period runs. */
  boolean isUnreachable() {
    return unreachable;
  }

  void markUnreachable() {
    unreachable = true;
  }
}
