// SPDX-License-Identifier: Apache-2.0
package io.millrace.admin;

import java.io.IOException;

/** Nobody answers on the admin socket. */
public final class NoAgentException extends IOException {
  private static final long serialVersionUID = 1L;

  public NoAgentException(String message) {
    super(message);
  }
}
