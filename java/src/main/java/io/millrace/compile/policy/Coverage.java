// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile.policy;

import io.millrace.model.Cidr;
import io.millrace.model.PolicyState.PortRange;
import java.util.List;

/**
 * What overlapping blocks and ranges come to. There is one right way; tests put others in its place
 * to see that they would be noticed.
 */
interface Coverage {
  /**
   * Prefixes are nested or disjoint, so an address whose longest prefix is P is in a block if P is
   * in it and in none of its excepts: then one look in the tree says all, whatever the overlaps.
   */
  Coverage EXACT =
      new Coverage() {
        @Override
        public List<Atom> blocks(Cidr prefix, List<Atom> around) {
          return around.stream().filter(atom -> atom.covers(prefix)).toList();
        }

        @Override
        public List<PortRange> ranges(List<PortRange> around) {
          return around;
        }

        @Override
        public boolean podsAreInBlocks() {
          return true;
        }
      };

  /**
   * Which blocks an address is in.
   *
   * @param prefix the longest that it has
   * @param around the blocks whose cidr the prefix is in, their excepts aside
   */
  List<Atom> blocks(Cidr prefix, List<Atom> around);

  /**
   * Which ranges a port counts for.
   *
   * @param around those that it is in
   */
  List<PortRange> ranges(List<PortRange> around);

  /** Whether blocks are about the addresses of pods, too (policy S14). */
  boolean podsAreInBlocks();
}
