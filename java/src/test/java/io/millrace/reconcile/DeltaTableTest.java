// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DeltaTableTest {
  /** Against two plain maps: what is pending is exactly where they differ. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void pendingIsTheDifference(long seed) {
    Random random = new Random(seed);
    DeltaTable<Integer, Integer> table = new DeltaTable<>();
    Map<Integer, Integer> desired = new HashMap<>();
    Map<Integer, Integer> actual = new HashMap<>();
    for (int step = 0; step < 5000; step++) {
      int key = random.nextInt(12);
      int value = random.nextInt(3);
      switch (random.nextInt(6)) {
        case 0, 1 -> {
          table.set(key, value);
          desired.put(key, value);
        }
        case 2 -> {
          table.remove(key);
          desired.remove(key);
        }
        case 3 -> {
          boolean gone = random.nextBoolean();
          table.observe(key, gone ? null : value);
          if (gone) {
            actual.remove(key);
          } else {
            actual.put(key, value);
          }
        }
        case 4 ->
            table
                .pendingUpdates()
                .forEach(
                    update -> {
                      table.confirmUpdate(update.getKey(), update.getValue());
                      actual.put(update.getKey(), update.getValue());
                    });
        default ->
            table
                .pendingDeletes()
                .forEach(
                    gone -> {
                      table.confirmDelete(gone);
                      actual.remove(gone);
                    });
      }
      check(table, desired, actual);
    }
  }

  private static void check(
      DeltaTable<Integer, Integer> table,
      Map<Integer, Integer> desired,
      Map<Integer, Integer> actual) {
    int pending = 0;
    for (int key = 0; key < 12; key++) {
      assertThat(table.desired(key)).isEqualTo(desired.get(key));
      assertThat(table.actual(key)).isEqualTo(actual.get(key));
      boolean differs = !java.util.Objects.equals(desired.get(key), actual.get(key));
      assertThat(table.isPending(key)).isEqualTo(differs);
      pending += differs ? 1 : 0;
    }
    assertThat(table.pendingCount()).isEqualTo(pending);
    assertThat(table.desiredSize()).isEqualTo(desired.size());
    assertThat(table.actualSize()).isEqualTo(actual.size());
  }
}
