// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.object;

import java.util.ArrayList;
import java.util.List;

/** The parts of one object that are wrong and that it does without. */
final class LeftOut {
  private final boolean lenient;
  private List<ObjectReader.Fault> faults = List.of();

  LeftOut(ObjectReader.Mode mode) {
    lenient = mode == ObjectReader.Mode.LENIENT;
  }

  /**
   * Leaves out a part.
   *
   * @throws FieldException the fault itself, where one wrong part makes the whole object invalid
   */
  void add(FieldException fault) throws FieldException {
    if (!lenient) {
      throw fault;
    }
    if (faults.isEmpty()) {
      faults = new ArrayList<>(1);
    }
    faults.add(ObjectReader.Fault.of(fault));
  }

  /** Whether parts may be wrong at all. */
  boolean isLenient() {
    return lenient;
  }

  List<ObjectReader.Fault> faults() {
    return faults;
  }
}
