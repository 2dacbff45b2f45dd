// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import io.millrace.bpf.NodeNetworks;
import io.millrace.model.Ip;
import io.millrace.model.ObjectKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which network namespaces belong to the pods that opt out: those that have one of their addresses.
 *
 * @param wanted cookies that belong into the kernel
 * @param stale cookies that are there and do not
 * @param notFound pods without a namespace
 */
record OptOutMatch(Set<Long> wanted, Set<Long> stale, List<ObjectKey> notFound) {
  /**
   * @param pods who opts out, with which addresses
   * @param found what the namespaces of this node have
   * @param actual cookies in the kernel
   */
  static OptOutMatch of(Map<ObjectKey, List<Ip>> pods, NodeNetworks.Found found, Set<Long> actual) {
    Map<Ip, Set<Long>> byIp = new HashMap<>();
    Set<Long> seen = new TreeSet<>();
    for (NodeNetworks.Address address : found.addresses()) {
      byIp.computeIfAbsent(Ip.ofBytes(address.ip()), ip -> new TreeSet<>()).add(address.cookie());
      seen.add(address.cookie());
    }
    Set<Long> wanted = new TreeSet<>();
    List<ObjectKey> notFound = new ArrayList<>();
    pods.forEach(
        (pod, ips) -> {
          Set<Long> own = new TreeSet<>();
          ips.forEach(ip -> own.addAll(byIp.getOrDefault(ip, Set.of())));
          wanted.addAll(own);
          if (own.isEmpty()) {
            notFound.add(pod);
          }
        });
    // An unknown cookie may be that of a pod that was not found: it stays until all are.
    boolean sure = pods.isEmpty() || (notFound.isEmpty() && found.walk().failed() == 0);
    Set<Long> stale = new TreeSet<>(actual);
    stale.removeAll(wanted);
    if (!sure) {
      stale.retainAll(seen);
    }
    return new OptOutMatch(wanted, stale, List.copyOf(notFound));
  }
}
