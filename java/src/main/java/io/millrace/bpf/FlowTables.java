// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

/**
 * Upkeep of the flow tables. One thread of its own may use this beside the thread that owns the
 * dataplane, until it is closed.
 */
public interface FlowTables {
  /** Runs one collection of a table: ends flows that nobody uses, and tells what is left. */
  GcStats gc(FlowTable table, FlowTimeouts timeouts);

  /** What is left now; cheap. */
  FlowRoom room(FlowTable table);
}
