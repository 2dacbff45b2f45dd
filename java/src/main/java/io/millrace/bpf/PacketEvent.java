// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

/**
 * What became of a packet: {@code struct event} of abi.h. Addresses have 16 bytes, IPv4-mapped for
 * IPv4.
 *
 * @param ns on the clock that {@link System#nanoTime} reads
 * @param set the set of rules that decided; 0 = none
 * @param rule bit in the set, or {@code EVENT_NO_RULE}
 * @param svc {@code svc.id} if it was translated, else 0
 * @param kind {@code enum event_kind}
 * @param reason {@code enum drop_reason}, 0 for what was let through
 * @param direction {@code enum event_direction}
 */
@SuppressWarnings("ArrayRecordComponent")
public record PacketEvent(
    long ns,
    long set,
    byte[] client,
    byte[] server,
    byte[] frontend,
    int clientPort,
    int serverPort,
    int frontendPort,
    int rule,
    int svc,
    int ifindex,
    int bytes,
    int protocol,
    int kind,
    int reason,
    int direction) {}
