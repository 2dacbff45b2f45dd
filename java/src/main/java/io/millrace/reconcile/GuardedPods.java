// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.compile.NodeTables;
import io.millrace.model.Ip;
import java.util.HashSet;
import java.util.Set;
import java.util.function.IntPredicate;

/** Which pods' programs stand. The others are closed. */
final class GuardedPods {
  private final IntPredicate stands;
  private final Set<Ip> hadDevice = new HashSet<>();
  private NodeTables node = NodeTables.EMPTY;

  /**
   * @param stands whether all programs of a pod stand on a device
   */
  GuardedPods(IntPredicate stands) {
    this.stands = stands;
  }

  /**
   * @param subjects addresses of this node's pods
   */
  void submit(NodeTables tables, Set<Ip> subjects) {
    node = tables;
    hadDevice.retainAll(subjects);
    for (Ip ip : subjects) {
      if (ifindex(ip) != 0) {
        hadDevice.add(ip);
      }
    }
  }

  /** Its programs stand, or it has no device of its own: only then a pod is opened. */
  boolean has(Ip ip) {
    int ifindex = ifindex(ip);
    return ifindex == 0 ? !hadDevice.contains(ip) : stands.test(ifindex);
  }

  private int ifindex(Ip ip) {
    NodeTables.Endpoint endpoint = node.endpoints().get(ip);
    return endpoint == null ? 0 : endpoint.ifindex();
  }
}
