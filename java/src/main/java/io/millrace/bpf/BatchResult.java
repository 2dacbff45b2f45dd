// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

/**
 * What became of a batch: entries are applied in order, and the first failure ends it.
 *
 * @param applied how many of the entries are in force
 * @param errno 0, or the positive errno that stopped entry number {@code applied}
 */
public record BatchResult(int applied, int errno) {
  public boolean ok() {
    return errno == 0;
  }
}
