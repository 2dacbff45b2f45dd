// SPDX-License-Identifier: Apache-2.0
package io.millrace.admin;

import io.millrace.admin.proto.Request;
import io.millrace.admin.proto.Response;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Answers the requests of the admin API. */
public interface AdminBackend {
  /**
   * Answers one request. Called on the admin thread: must not block, and must not touch what the
   * control thread owns.
   *
   * @return the frames of the answer, at least one; the server marks the last one. Fails with
   *     {@link AdminException} to answer with its error
   */
  CompletionStage<List<Response>> handle(Request request);
}
