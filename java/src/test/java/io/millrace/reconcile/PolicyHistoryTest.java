// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.compile.policy.PolicyTables;
import io.millrace.fake.FakeDataplane;
import io.millrace.reconcile.PolicyView.Question;
import io.millrace.reconcile.PolicyView.Verdict;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random histories of pods, labels, policies, blocks with excepts and ports. The kernel is judged
 * after every single write: each verdict is that of before the change or the one after it, and
 * changes once at most; packets under way get one that was in force since they began. Only where
 * pods look at both sides, because an agent died in the middle of a flip or could not take it back,
 * and the cluster has changed since, pods may be closed for a moment; none is open that should not
 * be. Whenever tables are said to be in force, all verdicts are theirs. The agent dies at random
 * writes, and the kernel refuses at random; when it is left in peace, nothing else is left in the
 * kernel, and a restart writes nothing.
 *
 * <p>{@code -Dsurefire.argLine=-Dmillrace.histories=1000} plays more of them.
 */
final class PolicyHistoryTest {
  private static final int STEPS = 20;
  private static final long SECOND_NS = 1_000_000_000L;
  private static final long[] PAUSES_NS = {0, 3_000_000, 3_000_000, 30_000_000, 3 * SECOND_NS};
  private static final int[] ERRNOS = {7, 12, 16};

  /** The agent is gone, in the middle of a system call's return. */
  private static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  static LongStream seeds() {
    return LongStream.range(0, Long.getLong("millrace.histories", 25));
  }

  private FakeDataplane kernel = new FakeDataplane();
  private PolicyWorld world = new PolicyWorld(0);
  private PolicyReconciler reconciler = agent();
  private long nowNs = 77 * SECOND_NS;

  /** Of the step that is under way: what each verdict may be, and what it was last. */
  private final Map<Question, Set<Verdict>> allowed = new HashMap<>();

  private Map<Question, Verdict> last = Map.of();
  private final PolicyReaders readers = new PolicyReaders();
  private boolean once;
  private final Set<Question> changed = new HashSet<>();

  private PolicyReconciler agent() {
    return new PolicyReconciler(
        kernel, PolicyOptions.DEFAULT, new BatchBuffers(), ifindex -> true, () -> nowNs);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void everyWriteIsSafe(long seed) {
    play(seed, 0, 0);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void deathAtAnyWriteIsSafe(long seed) {
    play(seed, 10, 0);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void refusalsAreSafe(long seed) {
    play(seed, 0, 5);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void deathAmongRefusalsIsSafe(long seed) {
    play(seed, 5, 4);
  }

  private void play(long seed, int deathPercent, int refusalPercent) {
    kernel = new FakeDataplane();
    world = new PolicyWorld(seed);
    reconciler = agent();
    boolean[] mayDie = new boolean[1];
    kernel.afterWrite(
        map -> {
          look();
          if (mayDie[0] && world.random.nextInt(100) < deathPercent) {
            throw new Killed();
          }
        });
    kernel.faults(
        map ->
            world.random.nextInt(100) < refusalPercent
                ? ERRNOS[world.random.nextInt(ERRNOS.length)]
                : 0);
    start();
    for (int step = 0; step < STEPS; step++) {
      PolicyTables tables = world.change();
      begin(tables, refusalPercent == 0);
      mayDie[0] = true;
      while (!survives(tables)) {
        start(); // the cluster stands still until there is an agent again
      }
      mayDie[0] = false;
      checkMeaning();
      advance(PAUSES_NS[world.random.nextInt(PAUSES_NS.length)]);
      checkMeaning();
    }
    kernel.faults(map -> 0);
    advance(200 * SECOND_NS);
    checkSettled();
  }

  private void start() {
    readers.clear(); // it takes an agent longer than a packet
    reconciler = agent();
    reconciler.load();
    submit(world.tables());
  }

  private void submit(PolicyTables tables) {
    reconciler.submit(tables, PolicyWorld.NODE);
  }

  private boolean survives(PolicyTables tables) {
    try {
      submit(tables);
      reconciler.write(nowNs);
      return true;
    } catch (Killed e) {
      return false;
    }
  }

  private void advance(long ns) {
    long end = nowNs + ns;
    reconciler.write(nowNs);
    long wait = reconciler.waitNs(nowNs);
    while (wait != Long.MAX_VALUE && nowNs + wait <= end) {
      nowNs += Math.max(wait, 1);
      reconciler.write(nowNs);
      wait = reconciler.waitNs(nowNs);
    }
    nowNs = end;
  }

  private void begin(PolicyTables tables, boolean atMostOnce) {
    once = atMostOnce;
    allowed.clear();
    changed.clear();
    PolicyView before = new PolicyView(kernel);
    boolean mixed = before.isMixed();
    once &= !mixed;
    last = before.verdicts();
    readers.begin(before, last, nowNs);
    Map<Question, Verdict> next = meaning(tables);
    last.forEach(
        (question, was) -> {
          Set<Verdict> may = EnumSet.of(was, next.getOrDefault(question, was));
          if (mixed) {
            may.add(Verdict.CLOSED);
          }
          allowed.put(question, may);
        });
  }

  /** What a kernel says that was given the tables and nothing else. */
  private Map<Question, Verdict> meaning(PolicyTables tables) {
    FakeDataplane other = new FakeDataplane();
    PolicyReconciler fresh =
        new PolicyReconciler(
            other, PolicyOptions.DEFAULT, new BatchBuffers(), ifindex -> true, () -> nowNs);
    fresh.load();
    fresh.submit(tables, PolicyWorld.NODE);
    fresh.write(nowNs);
    return new PolicyView(other).verdicts();
  }

  private void look() {
    PolicyView view = new PolicyView(kernel);
    Map<Question, Verdict> now = view.verdicts();
    readers.look(kernel, now, nowNs);
    if (world.random.nextInt(8) == 0) {
      readers.begin(view, now, nowNs);
    }
    now.forEach(
        (question, verdict) -> {
          Set<Verdict> may = allowed.get(question);
          assertThat(may == null || may.contains(verdict))
              .as("%s is %s, may be %s", question, verdict, may)
              .isTrue();
          if (once && last.get(question) != verdict) {
            assertThat(changed.add(question)).as("%s changes once", question).isTrue();
          }
        });
    last = now;
  }

  /** Whatever is said to be in force is, whether there is still something to tidy up or not. */
  private void checkMeaning() {
    if (reconciler.isSettled()) {
      assertThat(new PolicyView(kernel).verdicts()).isEqualTo(meaning(world.tables()));
    }
  }

  private void checkSettled() {
    assertThat(reconciler.isSettled()).isTrue();
    assertThat(reconciler.problems()).isEmpty();
    assertThat(new PolicyView(kernel).verdicts()).isEqualTo(meaning(world.tables()));
    PolicyTables tables = world.tables();
    int rows =
        tables.sets().values().stream()
            .mapToInt(set -> 1 + set.peerRows().size() + set.portRows().size())
            .sum();
    assertThat(new PolicyView(kernel).size())
        .as("nothing else is left")
        .isEqualTo(
            rows + tables.subjects().size() + tables.peers().size() + tables.blocks().size());
    assertThat(reconciler.audit()).isZero();
    long before = kernel.writes();
    start();
    advance(10 * SECOND_NS);
    assertThat(kernel.writes()).as("writes of an idle restart").isEqualTo(before);
  }
}
