// SPDX-License-Identifier: Apache-2.0
package io.millrace.bpf;

/** The kernel refused something that should have worked. */
public final class BpfException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int errno;
  private final String operation;
  private final String target;

  /**
   * @param errno positive errno
   * @param operation what was tried, for example {@code "attach pod_in4"}
   * @param target what it was tried on, for example {@code "ifindex 7"}
   * @param detail the tail of libbpf's or the verifier's log, or empty
   */
  public BpfException(int errno, String operation, String target, String detail) {
    super(
        operation
            + " "
            + target
            + ": "
            + Errno.describe(errno)
            + (detail.isEmpty() ? "" : "\n" + detail));
    this.errno = errno;
    this.operation = operation;
    this.target = target;
  }

  /** The positive errno. */
  public int errno() {
    return errno;
  }

  public String operation() {
    return operation;
  }

  public String target() {
    return target;
  }
}
