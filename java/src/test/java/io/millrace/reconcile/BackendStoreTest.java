// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.model.Ip;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class BackendStoreTest {
  @Test
  void itIsAMapOfWhateverFitsIntoAnEntry() {
    Random random = new Random(1);
    BackendStore store = new BackendStore();
    Map<Integer, BackendEntry> map = new HashMap<>();
    for (int step = 0; step < 20_000; step++) {
      int id = random.nextInt(300);
      if (random.nextInt(3) == 0) {
        assertThat(store.remove(id)).isEqualTo(map.remove(id));
      } else {
        BackendEntry entry = entry(random);
        assertThat(store.put(id, entry)).isEqualTo(map.put(id, entry));
      }
      int other = random.nextInt(500);
      assertThat(store.get(other)).isEqualTo(map.get(other));
      assertThat(store.containsKey(other)).isEqualTo(map.containsKey(other));
      assertThat(store).hasSameSizeAs(map);
    }
    assertThat(store).isEqualTo(map);
    assertThat(new HashSet<>(store.keySet())).isEqualTo(map.keySet());
  }

  @Test
  void theLargestOfAllIsKept() {
    BackendEntry largest = new BackendEntry(new Ip(-1, -1), 0xffff, 0xff, 0xff, -1, 0xffff);
    BackendStore store = new BackendStore();
    store.put(1_000_000, largest);
    assertThat(store.get(1_000_000)).isEqualTo(largest);
    assertThat(store.get(-1)).isNull();
  }

  private static BackendEntry entry(Random random) {
    return new BackendEntry(
        new Ip(random.nextLong(), random.nextLong()),
        random.nextInt(0x10000),
        random.nextInt(0x100),
        random.nextInt(0x100),
        random.nextInt(),
        random.nextInt(0x10000));
  }
}
