// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.kubernetes;

/**
 * {@code resourceVersion}s. Opaque by the API's rules, but every server counts, and only by that
 * can an older state be told from a newer one.
 */
final class Version {
  private Version() {}

  /** Whether {@code one} is older than {@code other}; false if that cannot be told. */
  static boolean isOlder(String one, String other) {
    try {
      return Long.compareUnsigned(Long.parseUnsignedLong(one), Long.parseUnsignedLong(other)) < 0;
    } catch (NumberFormatException e) {
      return false;
    }
  }
}
