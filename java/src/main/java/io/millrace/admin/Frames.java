// SPDX-License-Identifier: Apache-2.0
package io.millrace.admin;

/** The bounds of the admin protocol; see {@code millrace/admin.proto}. */
final class Frames {
  /** Bytes of the length in front of every message. */
  static final int LENGTH_BYTES = 4;

  static final int MAX_REQUEST_BYTES = 64 * 1024;
  static final int MAX_RESPONSE_BYTES = 1024 * 1024;
  static final int MAX_CONNECTIONS = 16;
  static final long IDLE_TIMEOUT_MS = 60_000;

  /** {@code sun_path} of a Unix socket address, without the closing zero. */
  static final int MAX_SOCKET_PATH_BYTES = 107;

  private Frames() {}
}
