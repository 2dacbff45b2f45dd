// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class IpTest {
  @ParameterizedTest
  @CsvSource({
    "10.0.0.1, 10.0.0.1",
    "010.000.000.009, 10.0.0.9",
    "::, ::",
    "::1, ::1",
    "1::, 1::",
    "2001:DB8::0001, 2001:db8::1",
    "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
    "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
    "0:0:1:0:0:0:1:0, 0:0:1::1:0",
    "64:ff9b::192.0.2.033, 64:ff9b::c000:221",
    "::ffff:192.0.2.1, 192.0.2.1",
    "fe80::1, fe80::1",
  })
  void readsAndWritesTheCanonicalForm(String text, String canonical) {
    assertThat(Ip.parse(text)).hasToString(canonical);
    assertThat(Ip.parse(canonical)).isEqualTo(Ip.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1",
        "1.2.3",
        "1.2.3.4.5",
        "1.2.3.256",
        "1.2.3.",
        ".1.2.3",
        "1..2.3",
        "a.b.c.d",
        " 1.2.3.4",
        "1.2.3.4 ",
        ":",
        ":::",
        "1:",
        ":1",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1::2::3",
        "1:2:3:4:5:6:7::8",
        "12345::",
        "g::",
        "::1.2.3",
        "1:2:3:4:5:6:7:1.2.3.4",
        "::1.2.3.4:1",
        "fe80::1%eth0",
        "１.2.3.4",
        "+1.2.3.4",
        "-1.2.3.4",
        "0x1.2.3.4"
      })
  void refusesWhatIsNoAddress(String text) {
    assertThat(Ip.tryParse(text)).isNull();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Ip.parse(text))
        .withMessageContaining(text);
  }

  @Test
  void agreesWithTheJdk() throws UnknownHostException {
    Random random = new Random(7);
    for (int i = 0; i < 50_000; i++) {
      byte[] bytes = new byte[random.nextBoolean() ? 4 : 16];
      random.nextBytes(bytes);
      for (int at = 0; bytes.length == 16 && at < 16; at += 2) {
        if (random.nextInt(3) > 0) {
          bytes[at] = 0;
          bytes[at + 1] = 0;
        }
      }
      InetAddress jdk = InetAddress.getByAddress(bytes);
      Ip ip = Ip.parse(jdk.getHostAddress());
      assertThat(ip).isEqualTo(Ip.ofBytes(bytes)).isEqualTo(Ip.parse(ip.toString()));
      assertThat(ip.toBytes()).isEqualTo(bytes);
      assertThat(InetAddress.getByName(ip.toString())).isEqualTo(jdk);
      assertThat(ip.isLoopback()).as(ip.toString()).isEqualTo(jdk.isLoopbackAddress());
      assertThat(ip.isLinkLocal()).as(ip.toString()).isEqualTo(jdk.isLinkLocalAddress());
      assertThat(ip.isMulticast()).as(ip.toString()).isEqualTo(jdk.isMulticastAddress());
      assertThat(ip.isUnspecified()).as(ip.toString()).isEqualTo(jdk.isAnyLocalAddress());
    }
  }

  @Test
  void ordersIpv4FirstThenByNumber() {
    List<Ip> sorted =
        List.of(
            Ip.parse("0.0.0.0"),
            Ip.parse("10.0.0.1"),
            Ip.parse("200.0.0.1"),
            Ip.parse("::"),
            Ip.parse("2001:db8::1"),
            Ip.parse("ff02::1"));
    List<Ip> shuffled = new ArrayList<>(sorted);
    Collections.shuffle(shuffled, new Random(1));
    Collections.sort(shuffled);
    assertThat(shuffled).isEqualTo(sorted);
  }

  @Test
  void hasFourOrSixteenBytes() {
    assertThatIllegalArgumentException().isThrownBy(() -> Ip.ofBytes(new byte[5]));
    assertThat(Ip.ofV4(0x0a000001)).hasToString("10.0.0.1");
    assertThat(Ip.ofV4(0x0a000001).v4()).isEqualTo(0x0a000001);
    assertThat(Ip.parse("::10.0.0.1").isV6()).isTrue();
  }
}
