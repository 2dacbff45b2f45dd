// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.kubernetes;

import java.io.IOException;

/** The API server, as far as one resource is concerned. */
record ResourceApi(Resource resource, Api api, ApiTimings timings) {
  /**
   * A page of a list.
   *
   * @param paged false: everything at once
   * @param next where it begins; empty for the first
   */
  Api.Answer list(boolean paged, String next) throws IOException, InterruptedException {
    String query = resource.listQuery(paged ? timings.pageSize() : 0, next);
    return api.get(query, true, timings.headers(), timings.listSilence());
  }

  /** The changes after {@code version}, for about {@code seconds}. */
  Api.Answer watch(String version, int seconds) throws IOException, InterruptedException {
    String query = resource.watchQuery(version, seconds);
    return api.get(query, false, timings.headers(), timings.watchSilence());
  }
}
