// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.object;

/** A field that does not say what it must. Never leaves this package. */
final class FieldException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String path;
  private final String reason;

  FieldException(String path, String reason) {
    super(path + ": " + reason, null, false, false);
    this.path = path;
    this.reason = reason;
  }

  /** For example {@code spec.ports[0].port}. */
  String path() {
    return path;
  }

  String reason() {
    return reason;
  }
}
