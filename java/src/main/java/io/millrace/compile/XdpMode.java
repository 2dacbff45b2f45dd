// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile;

import java.util.Locale;

/** Which uplinks get the XDP program. */
public enum XdpMode {
  /**
   * Those whose frames come with whole checksums, all but veths, and that do not receive slower by
   * it, as virtio does.
   */
  AUTO,
  /** Those as well. */
  NATIVE,
  /** None. */
  OFF;

  /** As the operator writes it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
