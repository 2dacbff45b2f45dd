// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile;

import io.millrace.model.Cidr;
import io.millrace.model.Ip;
import io.millrace.model.ServiceSpec;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Who may ask a load balancer address (S-112 … S-116). */
final class SourceRanges {
  private SourceRanges() {}

  /**
   * The ranges of a VIP's family, in order; empty for everybody. A node that is in one of them may
   * have the VIP itself as its source, where it is bound to a device (S-113).
   *
   * @param ownAddresses of this node
   */
  static List<Cidr> of(ServiceSpec spec, Ip vip, Set<Ip> ownAddresses) {
    TreeSet<Cidr> ranges = new TreeSet<>();
    for (Cidr range : spec.sourceRanges()) {
      if (range.base().isV4() == vip.isV4()) {
        ranges.add(range);
      }
    }
    if (ranges.stream().anyMatch(range -> range.prefix() == 0)) {
      return List.of();
    }
    if (ownAddresses.stream().anyMatch(ip -> ranges.stream().anyMatch(each -> each.contains(ip)))) {
      ranges.add(new Cidr(vip, vip.bits()));
    }
    return List.copyOf(ranges);
  }
}
