// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import io.millrace.bpf.NodeNetworks;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says once what is wrong with a network namespace, however often it is visited. */
final class WalkLog {
  private static final Logger log = LoggerFactory.getLogger(WalkLog.class);
  private static final int REMEMBERED = 1000;

  private final Set<String> said = new HashSet<>();
  private boolean folderMissed;
  private volatile NodeNetworks.Walk last = new NodeNetworks.Walk(0, 0, List.of(), false);

  /** A walk has taken place. */
  void took(NodeNetworks.Walk walk) {
    last = walk;
    if (walk.noFolder() && !folderMissed) {
      log.info(
          "there is no folder of network namespaces: only this one's sockets are looked after");
    }
    folderMissed = walk.noFolder();
    if (said.size() > REMEMBERED) {
      said.clear();
    }
    for (String reason : walk.reasons()) {
      if (said.add(reason)) {
        log.warn("a network namespace is left out reason={}", reason);
      }
    }
  }

  /** The last walk. Callable from any thread. */
  NodeNetworks.Walk last() {
    return last;
  }
}
