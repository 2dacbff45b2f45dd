// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.bpf.abi.BackendFlag;
import io.millrace.model.Ip;

/** A value of backends4 and backends6: {@code struct backend4}, {@code struct backend6}. */
record BackendEntry(Ip ip, int port, int protocol, int flags, int svc, int gen) {
  private static final int GEN_MASK = 0xffff;

  /** The same in no set; itself if it is in none. */
  BackendEntry notChosen() {
    int rest = flags & ~(BackendFlag.BACKEND_CHOSEN | BackendFlag.BACKEND_CHOSEN_LOCAL);
    return rest == flags ? this : new BackendEntry(ip, port, protocol, rest, svc, gen);
  }

  /** Whether it names no backend, and at most the generation of the one before. */
  boolean isFree() {
    return svc == 0;
  }

  /** The same backend, removed: flows and sockets that can leave it, do. */
  BackendEntry withdrawn() {
    return new BackendEntry(ip, port, protocol, flags & ~BackendFlag.BACKEND_ACTIVE, svc, gen);
  }

  /** The freed entry that follows: flows that remember the old generation know that it is gone. */
  BackendEntry freed() {
    Ip none = ip.isV4() ? Ip.ofV4(0) : new Ip(0, 0);
    return new BackendEntry(none, 0, 0, 0, 0, (gen + 1) & GEN_MASK);
  }
}
