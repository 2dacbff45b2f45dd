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

  /** Whether services are served; cheap. */
  Hold hold();

  /** Which connections may be under way that somebody else translates; cheap. */
  Adopted adopted();

  /** Says which, or that they are over. */
  void setAdopted(Adopted adopted);

  /** Takes out the entries of those that nobody translates any more, and counts the others. */
  Adoption keepAdopted();
}
