// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.kubernetes;

import java.time.Duration;

/**
 * How patient we are with the API server.
 *
 * @param headers until an answer begins
 * @param listSilence between two parts of a list
 * @param watchSilence between two events: servers send a bookmark a minute, so a longer silence
 *     means that the connection is dead
 * @param firstBackoff the wait after a first failure, doubled with each further one
 * @param maxBackoff the longest wait
 * @param ownNode until we go on without this node's Node object
 * @param pageSize objects in a page of a list
 */
public record ApiTimings(
    Duration headers,
    Duration listSilence,
    Duration watchSilence,
    Duration firstBackoff,
    Duration maxBackoff,
    Duration ownNode,
    int pageSize) {
  public static final ApiTimings DEFAULT =
      new ApiTimings(
          Duration.ofSeconds(30),
          Duration.ofSeconds(30),
          Duration.ofSeconds(180),
          Duration.ofMillis(500),
          Duration.ofSeconds(30),
          Duration.ofSeconds(60),
          500);
}
