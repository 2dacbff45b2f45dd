// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.bpf.abi.Backend6;
import io.millrace.bpf.abi.Cluster6Key;
import io.millrace.bpf.abi.Dev;
import io.millrace.bpf.abi.Endpoint;
import io.millrace.bpf.abi.Endpoint6Key;
import io.millrace.bpf.abi.Guard;
import io.millrace.bpf.abi.PolicySet;
import io.millrace.bpf.abi.PortCell;
import io.millrace.bpf.abi.Svc;
import io.millrace.bpf.abi.Svc6Key;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.stream.IntStream;

/** The direct buffers that all tables share; one thread writes, so one pair is enough. */
final class BatchBuffers {
  /** Entries per call. More would not be faster; less would show in the number of system calls. */
  static final int ENTRIES = 4096;

  /** Bytes of the largest key or value of all tables. */
  private static final int LARGEST =
      IntStream.of(
              Svc.SIZE,
              Svc6Key.SIZE,
              Backend6.SIZE,
              Endpoint6Key.SIZE,
              Endpoint.SIZE,
              Cluster6Key.SIZE,
              Dev.SIZE,
              PolicySet.SIZE,
              PortCell.SIZE,
              Guard.SIZE)
          .max()
          .orElseThrow();

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
