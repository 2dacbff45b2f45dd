// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

import java.util.function.Consumer;

/** What the programs tell of packets, once and in order. To be closed by the thread that polls. */
public interface EventRing extends AutoCloseable {
  /**
   * Waits up to {@code timeoutMs} and hands over what has come, up to a batch of it.
   *
   * @throws BpfException if the kernel refuses
   */
  void poll(int timeoutMs, Consumer<PacketEvent> sink);

  @Override
  void close();
}
