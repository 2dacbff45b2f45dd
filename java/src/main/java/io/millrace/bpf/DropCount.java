// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

/** Packets and bytes dropped for one reason, since the maps were made, all CPUs together. */
public record DropCount(String reason, long packets, long bytes) {}
