// SPDX-License-Identifier: Apache-2.0
package io.millrace.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.model.NamespaceState;
import io.millrace.model.ObjectKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class KeyedQueueTest {
  private final KeyedQueue queue = new KeyedQueue();

  private static NamespaceState namespace(String name, int version) {
    return new NamespaceState(name, Map.of("version", Integer.toString(version)), null);
  }

  private static ObjectKey key(String name) {
    return new ObjectKey(ObjectKey.Kind.NAMESPACE, "", name);
  }

  @Test
  void theLastChangeOfAnObjectWins() throws InterruptedException {
    queue.offer(Change.put(namespace("a", 1)));
    queue.offer(Change.put(namespace("b", 1)));
    queue.offer(Change.put(namespace("a", 2)));
    queue.offer(Change.remove(key("b")));
    assertThat(queue.size()).isEqualTo(2);
    assertThat(queue.drain(0))
        .containsExactly(Change.put(namespace("a", 2)), Change.remove(key("b")));
    assertThat(queue.drain(0)).isEmpty();
    assertThat(queue.offered()).isEqualTo(4);
  }

  @Test
  void wakingUpEndsTheWaitOnce() throws InterruptedException {
    queue.wakeUp();
    assertThat(queue.drain(1, TimeUnit.HOURS)).isEmpty();
    assertThat(queue.drain(0)).isEmpty();
  }

  /** Whatever the interleaving of many writers, the reader ends with everyone's last word. */
  @Test
  void nothingIsLostBetweenThreads() throws InterruptedException {
    int writers = 4;
    List<Thread> threads = new ArrayList<>();
    for (int writer = 0; writer < writers; writer++) {
      String prefix = "w" + writer + "-";
      Random random = new Random(writer);
      threads.add(
          new Thread(
              () -> {
                for (int i = 0; i < 20_000; i++) {
                  queue.offer(Change.put(namespace(prefix + random.nextInt(10), i)));
                }
                for (int i = 0; i < 10; i++) {
                  queue.offer(Change.put(namespace(prefix + i, -1)));
                }
              }));
    }
    threads.forEach(Thread::start);
    Map<ObjectKey, Change> last = new HashMap<>();
    while (threads.stream().anyMatch(Thread::isAlive) || queue.size() > 0) {
      queue.drain(1, TimeUnit.MILLISECONDS).forEach(change -> last.put(change.key(), change));
    }
    assertThat(last).hasSize(writers * 10);
    assertThat(last.values())
        .allSatisfy(
            change -> assertThat(change.object()).isEqualTo(namespace(change.key().name(), -1)));
  }

  @Test
  void theGateOpensWhenAllHaveSynced() {
    SyncGate gate = new SyncGate(List.of("manifests", "netlink"));
    assertThat(gate.isOpen()).isFalse();
    gate.synced("netlink");
    gate.synced("netlink");
    assertThat(gate.missing()).containsExactly("manifests");
    gate.synced("manifests");
    assertThat(gate.isOpen()).isTrue();
  }
}
