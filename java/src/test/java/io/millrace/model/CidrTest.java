// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CidrTest {
  @ParameterizedTest
  @CsvSource({
    "10.1.2.3/8, 10.0.0.0/8",
    "10.1.2.3/32, 10.1.2.3/32",
    "10.1.2.3/0, 0.0.0.0/0",
    "2001:db8:ffff::1/33, 2001:db8:8000::/33",
    "2001:db8::1/128, 2001:db8::1/128",
    "2001:db8::1/0, ::/0",
    "fd00:1:2:3:ffff::/65, fd00:1:2:3:8000::/65",
  })
  void clearsTheBitsBeyondThePrefix(String text, String canonical) {
    assertThat(Cidr.parse(text)).hasToString(canonical);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "10.0.0.0",
        "10.0.0.0/",
        "/8",
        "10.0.0.0/33",
        "::/129",
        "::/1000",
        "a/8",
        "10.0.0.0/-1",
        "10.0.0.0/8/8",
        "10.0.0.0/ 8"
      })
  void refusesWhatIsNoBlock(String text) {
    assertThat(Cidr.tryParse(text)).isNull();
    assertThatIllegalArgumentException().isThrownBy(() -> Cidr.parse(text));
  }

  @Test
  void containsWhatSharesThePrefix() {
    Random random = new Random(11);
    for (int i = 0; i < 20_000; i++) {
      byte[] base = new byte[random.nextBoolean() ? 4 : 16];
      random.nextBytes(base);
      base[0] |= 0x20;
      int bits = base.length * 8;
      int prefix = random.nextInt(bits + 1);
      byte[] other = base.clone();
      int flipped = random.nextInt(bits);
      other[flipped / 8] ^= (byte) (0x80 >> (flipped % 8));
      Cidr cidr = new Cidr(Ip.ofBytes(base), prefix);
      boolean same =
          new BigInteger(1, base)
              .shiftRight(bits - prefix)
              .equals(new BigInteger(1, other).shiftRight(bits - prefix));
      assertThat(cidr.contains(Ip.ofBytes(other)))
          .as("%s and bit %d", cidr, flipped)
          .isEqualTo(same);
    }
  }

  @Test
  void neverContainsTheOtherFamily() {
    assertThat(Cidr.parse("0.0.0.0/0").contains(Ip.parse("::1"))).isFalse();
    assertThat(Cidr.parse("::/0").contains(Ip.parse("10.0.0.1"))).isFalse();
  }
}
