// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The layout that {@code bpf/abi.h} promises to the programs. */
final class RingPlacesTest {
  @Test
  void smallSetsHaveEightPlacesInASlotTheFirstInTheLowestBits() {
    int[] numbers = {1, 2, 3, 4, 5, 6, 7, 0xff, 9};
    assertThat(RingPlaces.pack(numbers, 255)).containsExactly(0xff07060504030201L, 9);
  }

  @Test
  void largeSetsHaveFour() {
    int[] numbers = {1, 2, 0x300, 0xffff, 5};
    assertThat(RingPlaces.pack(numbers, 256)).containsExactly(0xffff030000020001L, 5);
  }

  @ParameterizedTest
  @CsvSource({
    "251, 2, 32",
    "509, 5, 64",
    "1021, 10, 128",
    "16381, 163, 2048",
    "65521, 255, 8191",
    "65521, 256, 16381",
    "0, 1, 0"
  })
  void slotsArePlacesRoundedUp(int places, int backends, int slots) {
    int[] numbers = new Random(places).ints(places, 1, backends + 1).toArray();
    long[] packed = RingPlaces.pack(numbers, backends);
    assertThat(packed).hasSize(slots);
    assertThat(RingPlaces.slots(places, backends)).isEqualTo(slots);
    assertThat(RingPlaces.unpack(packed, places, backends)).isEqualTo(numbers);
  }
}
