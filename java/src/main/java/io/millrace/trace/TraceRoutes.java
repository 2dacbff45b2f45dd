// SPDX-License-Identifier: Apache-2.0
package io.millrace.trace;

import io.millrace.bpf.abi.TraceWay;
import java.util.Optional;

/** Answers of the routing table, {@code BPF_FIB_LKUP_RET_*} of linux/bpf.h. */
final class TraceRoutes {
  private static final int SUCCESS = 0;
  private static final int BLACKHOLE = 1;
  private static final int UNREACHABLE = 2;
  private static final int PROHIBIT = 3;
  private static final int NOT_FORWARDED = 4;
  private static final int FORWARDING_DISABLED = 5;
  private static final int UNSUPPORTED_LWT = 6;
  private static final int NO_NEIGHBOUR = 7;
  private static final int FRAGMENTATION_NEEDED = 8;

  private TraceRoutes() {}

  /** Whether it named a next hop. */
  static boolean hasNextHop(Told told) {
    return told.route() == SUCCESS || told.route() == NO_NEIGHBOUR;
  }

  /** What there is to say besides the next hop. */
  static Optional<String> note(Told told) {
    boolean stack = told.way() == TraceWay.TRACE_STACK;
    return Optional.ofNullable(
        switch (told.route()) {
          case SUCCESS -> null;
          case NO_NEIGHBOUR ->
              "the neighbour is not resolved yet: the kernel asks for it and waits";
          case FORWARDING_DISABLED ->
              "forwarding is off on the device that it came in by: this host will drop it; set"
                  + " net.ipv4.ip_forward, net.ipv6.conf.all.forwarding";
          case UNSUPPORTED_LWT -> "the route leads into a tunnel: the stack takes it there";
          case FRAGMENTATION_NEEDED -> "it is too big for the route: the stack tells the sender";
          case BLACKHOLE, UNREACHABLE, PROHIBIT ->
              stack ? "this host's routing table refuses the destination: it will drop it" : null;
          case NOT_FORWARDED ->
              stack ? null : "the routing table has no way that could be told: the stack decides";
          default -> "the routing table says " + told.route();
        });
  }
}
