// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The direct buffers that all tables share; one thread writes, so one pair is enough. */
final class BatchBuffers {
  /** Entries per call. More would not be faster; less would show in the number of system calls. */
  static final int ENTRIES = 4096;

  private static final int LARGEST = 32;

  private final ByteBuffer keys = direct();
  private final ByteBuffer values = direct();

  ByteBuffer keys() {
    return keys.clear();
  }

  ByteBuffer values() {
    return values.clear();
  }

  private static ByteBuffer direct() {
    return ByteBuffer.allocateDirect(ENTRIES * LARGEST).order(ByteOrder.nativeOrder());
  }
}
