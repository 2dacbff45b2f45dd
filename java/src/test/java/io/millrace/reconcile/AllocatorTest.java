// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ids and slots: never given twice, back only after the quarantine. */
final class AllocatorTest {
  private static final long SECOND_NS = 1_000_000_000L;

  private record Span(int base, int count) {}

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void runsNeverOverlap(long seed) {
    Random random = new Random(seed);
    SlotAllocator slots = new SlotAllocator(1000, SECOND_NS);
    List<Span> held = new ArrayList<>();
    long nowNs = Long.MAX_VALUE - 50 * SECOND_NS;
    for (int step = 0; step < 4000; step++) {
      nowNs += random.nextInt(300_000_000);
      slots.tick(nowNs);
      if (random.nextInt(5) < 3) {
        int count = 1 + random.nextInt(20);
        int base = random.nextInt(10) == 0 ? 1 + random.nextInt(999) : 0;
        if (base > 0 ? slots.reserve(base, count) : (base = slots.take(count)) > 0) {
          held.add(new Span(base, count));
        }
      } else if (!held.isEmpty()) {
        Span span = held.remove(random.nextInt(held.size()));
        slots.free(span.base(), span.count(), nowNs);
      }
      checkDisjoint(held);
    }
    held.forEach(span -> slots.undo(span.base(), span.count()));
    slots.tick(nowNs + 2 * SECOND_NS);
    assertThat(slots.used()).isZero();
    assertThat(slots.holes()).isEqualTo(1);
    assertThat(slots.take(999)).isEqualTo(1);
  }

  private static void checkDisjoint(List<Span> held) {
    BitSet used = new BitSet();
    for (Span span : held) {
      assertThat(span.base()).isPositive();
      assertThat(span.base() + span.count()).isLessThanOrEqualTo(1000);
      assertThat(used.get(span.base(), span.base() + span.count()).isEmpty()).isTrue();
      used.set(span.base(), span.base() + span.count());
    }
  }

  @Test
  void slotsComeBackAfterTheQuarantine() {
    SlotAllocator slots = new SlotAllocator(11, SECOND_NS);
    assertThat(slots.take(10)).isEqualTo(1);
    slots.free(1, 10, 0);
    slots.tick(SECOND_NS - 1);
    assertThat(slots.take(1)).isZero();
    slots.tick(SECOND_NS);
    assertThat(slots.take(10)).isEqualTo(1);
  }

  @Test
  void slotsOutsideTheArenaCannotBeReserved() {
    SlotAllocator slots = new SlotAllocator(100, SECOND_NS);
    assertThat(slots.reserve(0, 1)).isFalse();
    assertThat(slots.reserve(-5, 10)).isFalse();
    assertThat(slots.reserve(50, 51)).isFalse();
    assertThat(slots.reserve(50, Integer.MAX_VALUE)).isFalse();
    assertThat(slots.reserve(50, -1)).isFalse();
    assertThat(slots.reserve(50, 50)).isTrue();
    assertThat(slots.reserve(99, 1)).isFalse();
  }

  @Test
  void idsAreTheSmallestFreeOnesAndComeBackAfterTheQuarantine() {
    IdPool ids = new IdPool(4, SECOND_NS);
    assertThat(ids.reserve(2)).isTrue();
    assertThat(ids.reserve(2)).isFalse();
    assertThat(ids.reserve(0)).isFalse();
    assertThat(ids.reserve(4)).isFalse();
    assertThat(ids.take()).isEqualTo(1);
    assertThat(ids.take()).isEqualTo(3);
    assertThat(ids.take()).isZero();
    ids.free(1, 0);
    ids.tick(SECOND_NS - 1);
    assertThat(ids.take()).isZero();
    ids.tick(SECOND_NS);
    assertThat(ids.take()).isEqualTo(1);
    ids.undo(1);
    assertThat(ids.take()).isEqualTo(1);
  }
}
