// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

/** What the exit status of every command means. */
final class ExitCode {
  static final int OK = 0;

  /** The command failed; the reason is on stderr. */
  static final int FAILED = 1;

  /** The command line is wrong. */
  static final int USAGE = 2;

  /** No agent answers on the admin socket. */
  static final int NO_AGENT = 3;

  /** {@code status --wait-synced}: the agent answers but was not synced in time. */
  static final int NOT_SYNCED = 4;

  private ExitCode() {}
}
