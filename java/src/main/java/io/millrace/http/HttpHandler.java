// SPDX-License-Identifier: Apache-2.0
package io.millrace.http;

import java.util.concurrent.CompletionStage;

/** Answers requests. Called by the one thread that serves everybody: it must not block. */
public interface HttpHandler {
  /** The answer, now or later; a failure is answered by 500. */
  CompletionStage<HttpAnswer> answer(HttpRequest request);
}
