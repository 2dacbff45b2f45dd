// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

import java.util.function.Consumer;

/** Follows links, addresses and routes of the network namespace it was opened in. */
public interface NetMonitor extends AutoCloseable {
  /**
   * Waits up to {@code timeoutMs} and hands over what has come. The first calls deliver a snapshot.
   *
   * @throws BpfException if the socket fails
   */
  void poll(int timeoutMs, Consumer<NetEvent> sink);

  @Override
  void close();
}
