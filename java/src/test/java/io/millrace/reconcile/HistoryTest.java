// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.compile.Compiler;
import io.millrace.compile.Desired;
import io.millrace.compile.Frontend;
import io.millrace.compile.NodeConfig;
import io.millrace.fake.FakeDataplane;
import io.millrace.fake.RandomCluster;
import io.millrace.model.ClusterObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random histories. After every single write no reference dangles, and every frontend means what it
 * meant before a change or what it means after it. The agent dies at random writes, and the kernel
 * refuses at random; when it is left in peace, the kernel holds exactly what a compilation from
 * scratch says, and a restart writes nothing.
 *
 * <p>The seed is the name of the test. {@code -Dsurefire.argLine=-Dmillrace.histories=1000} plays
 * more of them.
 */
final class HistoryTest {
  private static final NodeConfig CONFIG = NodeConfig.automatic("n1");
  private static final int STEPS = 40;

  private static final Pattern RING = Pattern.compile(" ring \\d+ [0-9a-f]+");
  private static final int[] ERRNOS = {7, 12, 16};

  /** The agent is gone, in the middle of a system call's return. */
  private static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  static LongStream seeds() {
    return LongStream.range(0, Long.getLong("millrace.histories", 40));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void everyWriteIsSafe(long seed) {
    play(seed, 0, 0);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void deathAtAnyWriteIsSafe(long seed) {
    play(seed, 12, 0);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void refusalsAreSafe(long seed) {
    play(seed, 0, 8);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void deathAmongRefusalsIsSafe(long seed) {
    play(seed, 6, 6);
  }

  /** Some rings find no room: their frontends choose at random, and none has half a ring. */
  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void scarceSlotsAreSafe(long seed) {
    RandomCluster cluster = new RandomCluster(seed);
    Node node = new Node(new FakeDataplane(4096, 96), CONFIG, HistoryTest::ring);
    Watcher watcher = new Watcher(node, true, true);
    node.kernel.afterWrite(map -> watcher.look());
    for (int step = 0; step < STEPS; step++) {
      change(node, cluster);
      watcher.allow();
      work(node, cluster, watcher);
    }
    node.settle();
    node.advance(200 * Node.SECOND_NS);
    node.view().checkReferences();
    assertThat(without(RING, node.view().meaning()))
        .isEqualTo(without(RING, Meaning.of(CONFIG, node.image, HistoryTest::ring)));
    checkIdleRestart(node);
  }

  private static Map<Frontend, String> without(Pattern part, Map<Frontend, String> meaning) {
    Map<Frontend, String> rest = new HashMap<>();
    meaning.forEach((frontend, text) -> rest.put(frontend, part.matcher(text).replaceAll("")));
    return rest;
  }

  /** Rings of 5 and 11 slots, for the kernel is looked at after every slot. */
  private static int ring(int backends) {
    return backends < 4 ? 37 : 83;
  }

  private static void play(long seed, int deathPercent, int refusalPercent) {
    RandomCluster cluster = new RandomCluster(seed);
    Node node = new Node(new FakeDataplane(), CONFIG, HistoryTest::ring);
    Watcher watcher = new Watcher(node, refusalPercent > 0 || deathPercent > 0, false);
    node.kernel.afterWrite(
        map -> {
          watcher.look();
          if (cluster.below(100) < deathPercent) {
            throw new Killed();
          }
        });
    node.kernel.faults(
        map -> cluster.below(100) < refusalPercent ? ERRNOS[cluster.below(ERRNOS.length)] : 0);
    for (int step = 0; step < STEPS; step++) {
      change(node, cluster);
      watcher.allow();
      work(node, cluster, watcher);
    }
    node.kernel.faults(map -> 0);
    node.kernel.afterWrite(map -> watcher.look());
    node.settle();
    node.advance(200 * Node.SECOND_NS);
    checkSettled(node);
    checkIdleRestart(node);
  }

  private static void change(Node node, RandomCluster cluster) {
    int count = 1 + cluster.below(4);
    List<ClusterObject> objects = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      if (cluster.below(4) == 0) {
        node.remove(cluster.key());
      } else {
        objects.add(cluster.object());
      }
    }
    node.put(objects);
  }

  private static void work(Node node, RandomCluster cluster, Watcher watcher) {
    try {
      node.run();
      if (cluster.below(3) == 0) {
        node.advance(cluster.below(2500) * 1_000_000L);
      }
    } catch (Killed e) {
      node.restart();
      watcher.restarted();
    }
  }

  private static void checkSettled(Node node) {
    KernelView view = node.view();
    view.checkReferences();
    view.checkChosen();
    assertThat(view.meaning()).isEqualTo(Meaning.of(CONFIG, node.image, HistoryTest::ring));
    Set<String> unique = new HashSet<>(view.activeBackends());
    assertThat(unique).as("backends are unique").hasSameSizeAs(view.activeBackends());
    assertThat(view.activeBackends()).hasSize(Meaning.backendCount(CONFIG, node.image));
    Desired wanted = new Compiler(CONFIG).compileAll(node.image);
    assertThat(view.endpoints).isEqualTo(wanted.node().endpoints());
    assertThat(view.devices).isEqualTo(wanted.node().devices());
    assertThat(node.reconciler.status().settled()).isTrue();
    assertThat(node.reconciler.status().problems()).isEmpty();
    assertThat(node.reconciler.audit()).isZero();
  }

  private static void checkIdleRestart(Node node) {
    long before = node.kernel.writes();
    node.restart();
    node.settle();
    assertThat(node.kernel.writes()).as("writes of an idle restart").isEqualTo(before);
    assertThat(node.reconciler.status().writes()).isZero();
  }

  /** Looks into the kernel after every write. */
  private static final class Watcher {
    private final Node node;
    private final boolean mayLinger;
    private final boolean mayLackRings;
    private final Map<Frontend, Set<String>> allowed = new HashMap<>();

    Watcher(Node node, boolean mayLinger, boolean mayLackRings) {
      this.node = node;
      this.mayLinger = mayLinger;
      this.mayLackRings = mayLackRings;
    }

    /** The meaning before a change stays allowed, the one after it becomes so. */
    void allow() {
      if (!mayLinger) {
        allowed.clear();
      }
      add(node.view().meaning());
      Map<Frontend, String> wanted = Meaning.of(CONFIG, node.image, HistoryTest::ring);
      add(wanted);
      if (mayLackRings) {
        add(without(RING, wanted));
      }
    }

    void restarted() {
      add(node.view().meaning());
    }

    private void add(Map<Frontend, String> meaning) {
      meaning.forEach(
          (frontend, text) -> allowed.computeIfAbsent(frontend, key -> new HashSet<>()).add(text));
    }

    void look() {
      KernelView view = node.view();
      view.checkReferences();
      view.meaning()
          .forEach(
              (frontend, text) ->
                  assertThat(allowed.getOrDefault(frontend, Set.of()))
                      .as("what %s means", frontend)
                      .contains(text));
    }
  }
}
