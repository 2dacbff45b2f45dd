// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

final class CidrSetTest {
  @RepeatedTest(50)
  void saysWhatEachOfItsBlocksSays(RepetitionInfo info) {
    Random random = new Random(info.getCurrentRepetition());
    List<Cidr> blocks = new ArrayList<>();
    for (int i = random.nextInt(6); i >= 0; i--) {
      Ip base = ip(random);
      blocks.add(new Cidr(base, random.nextInt(base.bits() + 1)));
    }
    CidrSet set = CidrSet.of(blocks);
    for (int i = 0; i < 200; i++) {
      Ip ip = ip(random);
      assertThat(set.contains(ip))
          .as("%s in %s", ip, set)
          .isEqualTo(blocks.stream().anyMatch(block -> block.contains(ip)));
    }
  }

  private static Ip ip(Random random) {
    int low = random.nextInt(16);
    return random.nextBoolean() ? Ip.ofV4(0x0a000000 + low) : new Ip(0xfd00_0000_0000_0000L, low);
  }

  @Test
  void theDifferenceIsWhatOnlyOneHas() {
    Cidr left = Cidr.parse("10.1.0.0/24");
    Cidr both = Cidr.parse("10.2.0.0/24");
    Cidr right = Cidr.parse("fd00::/64");
    CidrSet difference =
        CidrSet.of(List.of(left, both)).difference(CidrSet.of(List.of(both, right)));
    assertThat(difference.blocks()).isEqualTo(Set.of(left, right));
    assertThat(CidrSet.of(List.of(both)).difference(CidrSet.of(Set.of(both))))
        .isEqualTo(CidrSet.EMPTY);
  }
}
