// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile;

import io.millrace.model.Ip;
import java.util.HashMap;
import java.util.Map;

/** How many Services use each address, and how; a ClusterIP outweighs every other use. */
final class AddressClaims {
  private static final int REJECT_UNIT = 1;
  private static final int PASS_UNIT = 1 << 16;

  /** Both counts in one number: there are 20,000 of these and each is nearly always one. */
  private final Map<Ip, Integer> counts = new HashMap<>();

  void add(ServiceProgram program, Map<Ip, Desired.AddressUse> changed) {
    program.rejecting().forEach(ip -> count(ip, REJECT_UNIT, changed));
    program.passing().forEach(ip -> count(ip, PASS_UNIT, changed));
  }

  void remove(ServiceProgram program, Map<Ip, Desired.AddressUse> changed) {
    program.rejecting().forEach(ip -> count(ip, -REJECT_UNIT, changed));
    program.passing().forEach(ip -> count(ip, -PASS_UNIT, changed));
  }

  void addAll(Map<Ip, Desired.AddressUse> out) {
    counts.forEach((ip, count) -> out.put(ip, use(count)));
  }

  private void count(Ip ip, int by, Map<Ip, Desired.AddressUse> changed) {
    int before = counts.getOrDefault(ip, 0);
    int after = before + by;
    if (after == 0) {
      counts.remove(ip);
    } else {
      counts.put(ip, after);
    }
    changed.put(ip, use(after));
  }

  private static Desired.AddressUse use(int count) {
    if ((count & (PASS_UNIT - 1)) != 0) {
      return Desired.AddressUse.REJECT;
    }
    return count == 0 ? Desired.AddressUse.NONE : Desired.AddressUse.PASS;
  }
}
