// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.model.Problem;
import java.util.List;

/**
 * How far the kernel is from what it should hold.
 *
 * @param settled everything is in force, and nothing waits but grace periods
 * @param tables every map, then the slot arena and the attachments in the same form
 * @param problems what the kernel refuses, or has no room for
 */
public record ReconcileStatus(boolean settled, List<MapStatus> tables, List<Problem> problems) {
  public ReconcileStatus {
    tables = List.copyOf(tables);
    problems = List.copyOf(problems);
  }

  /** Entries written or deleted since this agent started, attachments included. */
  public long writes() {
    return tables.stream().mapToLong(MapStatus::writes).sum();
  }

  /** Entries that audits found different from what had been written. */
  public long drift() {
    return tables.stream().mapToLong(MapStatus::drift).sum();
  }
}
