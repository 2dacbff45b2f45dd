// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.admin.proto.Status;
import io.millrace.bpf.BpfException;
import io.millrace.model.ClusterDelta;
import io.millrace.model.ClusterImage;
import io.millrace.model.NamespaceState;
import io.millrace.model.Problem;
import io.millrace.source.Change;
import io.millrace.source.KeyedQueue;
import io.millrace.source.SyncGate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ControlLoopTest {
  private static final long MS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long S = TimeUnit.SECONDS.toNanos(1);

  private long nowNs = 5 * S;
  private final SyncGate gate = new SyncGate(Set.of("manifests", "node"));
  private final FakeEngine engine = new FakeEngine();
  private final ProblemBoard problems = new ProblemBoard(() -> nowNs);
  private Status status = Status.getDefaultInstance();
  private final ControlLoop loop =
      new ControlLoop(
          new KeyedQueue(),
          gate,
          engine,
          problems,
          300 * S,
          () -> nowNs,
          new Random(1),
          published -> status = published,
          List.of());

  @Test
  void nothingIsWrittenBeforeEverySourceHasSynced() {
    turn(namespace("a"));
    gate.synced("manifests");
    turn(namespace("b"));
    assertThat(engine.rounds).isEmpty();
    assertThat(status.getState()).isEqualTo(Status.State.WAITING);
    assertThat(status.getWaitingForList()).containsExactly("node");

    gate.synced("node");
    assertThat(loop.waitNs(gate.isOpen(), nowNs)).isZero();
    turn();
    assertThat(engine.rounds).containsExactly("everything: [a, b]");
    assertThat(status.getState()).isEqualTo(Status.State.SYNCED);
  }

  @Test
  void anEmptyClusterIsAppliedToo() {
    open();
    assertThat(engine.rounds).containsExactly("everything: []");
    turn();
    assertThat(engine.rounds).hasSize(1);
  }

  @Test
  void aSingleChangeIsAppliedAtOnce() {
    open();
    nowNs += S;
    turn(namespace("a"));
    assertThat(engine.rounds).last().isEqualTo("changes: [a]");
    assertThat(status.getControlLoop().getLastLatencyUs()).isZero();
  }

  @Test
  void aBurstIsAppliedOnceItPauses() {
    open();
    nowNs += S;
    turn(namespace("a"));
    nowNs += MS;
    turn(namespace("b"));
    nowNs += 9 * MS;
    turn(namespace("c"));
    assertThat(engine.rounds).hasSize(2);
    assertThat(loop.waitNs(gate.isOpen(), nowNs)).isEqualTo(10 * MS);
    nowNs += 10 * MS;
    turn();
    assertThat(engine.rounds).hasSize(3).last().isEqualTo("changes: [a, b, c]");
  }

  @Test
  void aBurstThatDoesNotPauseIsNotPutOffForever() {
    open();
    nowNs += S;
    turn(namespace("first"));
    nowNs += MS;
    long began = nowNs;
    int before = engine.rounds.size();
    int i = 0;
    while (engine.rounds.size() == before) {
      turn(namespace("n" + i++));
      nowNs += 5 * MS;
    }
    assertThat(nowNs - began).isBetween(100 * MS, 110 * MS);
  }

  @Test
  void aRoundThatFailsIsTriedAgainWithEverything() {
    open();
    nowNs += S;
    engine.failure = new BpfException(12, "update", "svcs4", "");
    turn(namespace("a"));
    assertThat(status.getState()).isEqualTo(Status.State.APPLYING);
    assertThat(status.getWaitingForList()).singleElement().asString().contains("update svcs4");
    assertThat(status.getControlLoop().getFailures()).isEqualTo(1);

    turn(namespace("b"));
    assertThat(engine.rounds).hasSize(2); // not before its time
    long waitNs = loop.waitNs(gate.isOpen(), nowNs);
    assertThat(waitNs).isBetween(800 * MS, 1000 * MS);

    engine.failure = null;
    nowNs += 2 * S;
    turn();
    assertThat(engine.rounds).last().isEqualTo("everything: [a, b]");
    assertThat(status.getState()).isEqualTo(Status.State.SYNCED);
    assertThat(status.getControlLoop().getLastFailure()).isEmpty();
  }

  @Test
  void triesGetRarerAndNeverEnd() {
    engine.failure = new IllegalStateException("a bug");
    open();
    List<Long> waitsMs = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      long began = nowNs;
      int rounds = engine.rounds.size();
      while (engine.rounds.size() == rounds) {
        nowNs += 10 * MS;
        turn();
      }
      waitsMs.add((nowNs - began) / MS);
    }
    assertThat(waitsMs.get(0)).isBetween(800L, 1210L);
    assertThat(waitsMs.get(9)).isBetween(25_600L, 38_410L);
    assertThat(status.getState()).isEqualTo(Status.State.APPLYING);
    assertThat(engine.rounds).allMatch(round -> round.startsWith("everything"));
  }

  @Test
  void anErrorDoesNotEndTheLoop() {
    engine.failure = new StackOverflowError("deep");
    open();
    engine.failure = null;
    nowNs += 2 * S;
    turn();
    assertThat(status.getState()).isEqualTo(Status.State.SYNCED);
  }

  @Test
  void whatTheKernelRefusesIsSaidUntilItTakesIt() {
    engine.obstacle = Optional.of("svcs4 is full");
    open();
    assertThat(status.getState()).isEqualTo(Status.State.APPLYING);
    assertThat(status.getWaitingForList()).containsExactly("svcs4 is full");

    engine.obstacle = Optional.empty();
    engine.finishInNs = 0;
    turn();
    assertThat(engine.finished).isEqualTo(1);
    assertThat(status.getState()).isEqualTo(Status.State.SYNCED);
  }

  @Test
  void gracePeriodsAreWaitedFor() {
    open();
    engine.finishInNs = 700 * MS;
    turn();
    assertThat(engine.finished).isZero();
    assertThat(loop.waitNs(gate.isOpen(), nowNs)).isEqualTo(700 * MS);
  }

  @Test
  void driftIsLookedForEveryFiveMinutesOrSo() {
    open();
    for (int i = 0; i < 3600; i++) {
      nowNs += S;
      turn();
    }
    assertThat(engine.audits).isBetween(10, 15);
    assertThat(status.getDrift().getChecks()).isEqualTo(engine.audits);
    assertThat(status.getDrift().getRepaired()).isEqualTo(2L * engine.audits);
  }

  @Test
  void upkeepThatFailsIsRetriedByARound() {
    open();
    engine.auditFailure = new IllegalStateException("svcs4 is gone");
    nowNs += 400 * S;
    turn();
    assertThat(status.getState()).isEqualTo(Status.State.APPLYING);
    engine.auditFailure = null;
    nowNs += 2 * S;
    turn();
    assertThat(status.getState()).isEqualTo(Status.State.SYNCED);
    assertThat(engine.rounds).last().asString().startsWith("everything");
  }

  @Test
  void problemsAreThoseOfTheLastRound() {
    engine.problems = List.of(new Problem("", "Service default/web", "", "no port"));
    open();
    assertThat(problems.list(10)).hasSize(1);
    engine.problems = List.of();
    nowNs += S;
    turn(namespace("a"));
    assertThat(problems.count()).isZero();
  }

  @Test
  void tasksAreDoneByTheLoopAndTheirFailuresAreTheirOwn() {
    CompletableFuture<Integer> good = loop.tasks().submit(() -> 7, 60_000);
    CompletableFuture<Integer> bad =
        loop.tasks()
            .submit(
                () -> {
                  throw new IllegalStateException("no");
                },
                60_000);
    assertThat(good).isNotDone();
    turn();
    assertThat(good).isCompletedWithValue(7);
    assertThatThrownBy(bad::join).hasRootCauseMessage("no");
  }

  @Test
  void aTaskNobodyWaitsForIsNotDone() {
    int[] done = {0};
    CompletableFuture<Integer> late = loop.tasks().submit(() -> done[0]++, 60_000);
    late.cancel(false);
    turn();
    assertThat(done[0]).isZero();
  }

  private void open() {
    gate.synced("manifests");
    gate.synced("node");
    turn();
  }

  private void turn(Change... changes) {
    loop.turn(gate.isOpen(), List.of(changes));
  }

  private static Change namespace(String name) {
    return Change.put(new NamespaceState(name, Map.of(), null));
  }

  private static final class FakeEngine implements Engine {
    final List<String> rounds = new ArrayList<>();
    @Nullable Throwable failure;
    @Nullable RuntimeException auditFailure;
    Optional<String> obstacle = Optional.empty();
    List<Problem> problems = List.of();
    long finishInNs = Long.MAX_VALUE;
    int finished;
    int audits;

    @Override
    public Round apply(ClusterImage image, @Nullable ClusterDelta delta) {
      rounds.add(
          (delta == null ? "everything: " : "changes: ")
              + image.namespaces().keySet().stream().sorted().toList());
      if (failure instanceof Error error) {
        throw error;
      }
      if (failure instanceof RuntimeException exception) {
        throw exception;
      }
      return new Round(1000, 2000);
    }

    @Override
    public void finish() {
      finished++;
      finishInNs = Long.MAX_VALUE;
    }

    @Override
    public long finishWaitNs() {
      return finishInNs;
    }

    @Override
    public long audit() {
      audits++;
      if (auditFailure != null) {
        throw auditFailure;
      }
      return 2;
    }

    @Override
    public Optional<String> obstacle() {
      return obstacle;
    }

    @Override
    public List<Problem> problems() {
      return problems;
    }

    @Override
    public void describe(Status.Builder builder) {
      builder.setNode("n1");
    }
  }
}
