// SPDX-License-Identifier: Apache-2.0
package io.millrace.admin;

import io.millrace.admin.proto.Error;

/** A request that was refused; the message says what to do. */
public final class AdminException extends Exception {
  private static final long serialVersionUID = 1L;

  private final Error.Code code;

  public AdminException(Error.Code code, String message) {
    super(message);
    this.code = code;
  }

  public Error.Code code() {
    return code;
  }

  Error toError() {
    return Error.newBuilder().setCode(code).setMessage(String.valueOf(getMessage())).build();
  }
}
