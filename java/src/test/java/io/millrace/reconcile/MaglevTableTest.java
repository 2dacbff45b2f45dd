// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.millrace.bpf.MapSizes;
import io.millrace.compile.Target;
import io.millrace.model.Ip;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rings of the sizes and numbers of backends that clusters have. */
final class MaglevTableTest {
  private static List<Target> backends(int count, boolean v6) {
    List<Target> backends = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Ip ip = v6 ? Ip.parse("fd00:1::" + Integer.toHexString(i + 1)) : Ip.ofV4(0x0a010001 + i);
      backends.add(new Target(ip, 8080, Target.ALL));
    }
    return backends;
  }

  private static int[] fill(List<Target> backends) {
    return MaglevTable.fill(MaglevTable.sizeFor(backends.size()), backends);
  }

  private static int[] shares(int[] ring, int backends) {
    int[] shares = new int[backends];
    for (int backend : ring) {
      shares[backend]++;
    }
    return shares;
  }

  @ParameterizedTest
  @CsvSource({
    "1, 251",
    "2, 251",
    "3, 509",
    "5, 509",
    "6, 1021",
    "10, 1021",
    "11, 4093",
    "40, 4093",
    "41, 16381",
    "163, 16381",
    "164, 65521",
    "5000, 65521"
  })
  void theSizeIsAPrimeOfAHundredSlotsEachOrMore(int backends, int size) {
    assertThat(MaglevTable.sizeFor(backends)).isEqualTo(size);
    assertThat(BigInteger.valueOf(size).isProbablePrime(50)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "1, false",
    "2, false",
    "3, true",
    "7, false",
    "10, true",
    "11, false",
    "100, true",
    "163, false",
    "500, true"
  })
  void sharesDifferByAtMostOneSlot(int count, boolean v6) {
    int[] shares = shares(fill(backends(count, v6)), count);
    int most = Arrays.stream(shares).max().orElseThrow();
    int least = Arrays.stream(shares).min().orElseThrow();
    assertThat(most - least).isLessThanOrEqualTo(1);
    assertThat((double) most / least).isLessThan(1.02);
  }

  /**
   * Each in turn is removed. All of its slots move, and few of the others': with 100 slots each it
   * is 2 %, and less with more.
   */
  @ParameterizedTest
  @CsvSource({"2, false", "3, true", "5, false", "10, false", "10, true", "20, true", "100, false"})
  void removingOneOfNMovesAboutOneNth(int count, boolean v6) {
    List<Target> before = backends(count, v6);
    int size = MaglevTable.sizeFor(count);
    int[] old = MaglevTable.fill(size, before);
    double othersSum = 0;
    for (int gone = 0; gone < count; gone++) {
      List<Target> after = new ArrayList<>(before);
      after.remove(gone);
      int[] now = MaglevTable.fill(size, after);
      int others = 0;
      for (int slot = 0; slot < size; slot++) {
        boolean stays = before.get(old[slot]).equals(after.get(now[slot]));
        others += !stays && old[slot] != gone ? 1 : 0;
      }
      assertThat((double) others / size).as("of the others, without %d", gone).isLessThan(0.045);
      othersSum += (double) others / size;
    }
    assertThat(othersSum / count).as("of the others, on average").isLessThan(0.03);
  }

  /** Two nodes learn of the endpoints in different orders, and know other things about them. */
  @ParameterizedTest
  @ValueSource(ints = {2, 5, 10, 40})
  void neitherOrderNorPlaceMatters(int count) {
    List<Target> here = backends(count, false);
    int[] wanted = fill(here);
    Random random = new Random(count);
    for (int round = 0; round < 10; round++) {
      List<Target> there = new ArrayList<>();
      here.forEach(each -> there.add(new Target(each.ip(), each.port(), random.nextInt(16))));
      Collections.shuffle(there, random);
      int[] ring = fill(there);
      for (int slot = 0; slot < ring.length; slot++) {
        assertThat(there.get(ring[slot])).isEqualByComparingTo(here.get(wanted[slot]));
      }
    }
  }

  /** One address, several ports: each is a backend of its own. */
  @Test
  void portsCount() {
    List<Target> ports = new ArrayList<>();
    for (int port = 8080; port < 8084; port++) {
      ports.add(new Target(Ip.parse("10.1.0.1"), port, Target.ALL));
    }
    assertThat(shares(fill(ports), 4)).containsOnly(127, 128);
  }

  @Test
  void weightsGiveSlotsInProportion() {
    int[] shares = shares(MaglevTable.fill(1021, backends(4, false), new int[] {4, 2, 1, 0}), 4);
    assertThat(shares[0]).isBetween(580, 588);
    assertThat(shares[1]).isBetween(289, 295);
    assertThat(shares[2]).isBetween(144, 148);
    assertThat(shares[3]).isZero();
  }

  @Test
  void weightsOfOneAreNoWeights() {
    List<Target> backends = backends(7, true);
    int[] ones = new int[7];
    Arrays.fill(ones, 3);
    assertThat(MaglevTable.fill(1021, backends, ones)).isEqualTo(fill(backends));
  }

  @Test
  void somebodyMustHaveAWeight() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MaglevTable.fill(1021, backends(2, false), new int[2]));
    assertThatIllegalArgumentException().isThrownBy(() -> MaglevTable.fill(1021, List.of()));
  }

  /** The default arena has room for 10,000 services of two families, reached from outside. */
  @Test
  void ringsOfManyServicesFit() {
    int slots = 0;
    for (int count = 1; count <= 10; count++) {
      int ring = count < 2 ? 0 : RingPlaces.slots(MaglevTable.sizeFor(count), count);
      slots += 2 * 1000 * (ring + count);
    }
    SlotAllocator arena = new SlotAllocator(MapSizes.DEFAULT.slots(), 0);
    assertThat(arena.hasSpare(slots)).isTrue();
  }

  /** Nodes of different versions must agree: a change here is a change of all rings. */
  @Test
  void ringsStayWhatTheyAre() {
    assertThat(Arrays.hashCode(fill(backends(5, false)))).isEqualTo(-1_088_161_677);
    assertThat(Arrays.hashCode(fill(backends(5, true)))).isEqualTo(1_390_471_905);
  }
}
