// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

import io.millrace.bpf.jni.Native;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** The one place where {@code -errno} becomes an exception with the library's log attached. */
final class Calls {
  private Calls() {}

  /** Passes on a result that is not negative. */
  static int check(int result, String operation, String target) {
    return (int) check((long) result, operation, target);
  }

  /** Passes on a result that is not negative. */
  static long check(long result, String operation, String target) {
    if (result >= 0) {
      return result;
    }
    throw new BpfException((int) -result, operation, target, takeLog());
  }

  /** What the calls of this thread have had to say since the last failure. */
  static String takeLog() {
    return new String(Native.takeLog(), StandardCharsets.UTF_8).strip();
  }

  static ByteBuffer direct(int size) {
    return ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
  }
}
