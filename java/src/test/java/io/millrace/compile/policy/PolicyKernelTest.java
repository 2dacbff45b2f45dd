// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.fake.policy.Corpus;
import io.millrace.fake.policy.Verdicts;
import io.millrace.fake.policy.World;
import io.millrace.model.ClusterDelta;
import io.millrace.reconcile.KernelVerdicts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Policies through compiler, reconciler, maps and programs: deploy/verify policy. Needs root, and
 * takes a minute or two. What it prints are figures, read by that command. Each test has tables and
 * programs of its own, so they run beside each other.
 */
@Tag("policy")
@Execution(ExecutionMode.CONCURRENT)
final class PolicyKernelTest {
  private static final long SEEDS = Long.getLong("millrace.policy.kernel.seeds", 60);
  private static final long MUTANT_SEEDS = 10;

  private Path folder = Path.of("/");
  private KernelVerdicts kernel;

  @BeforeEach
  void open() throws IOException {
    folder = Files.createTempDirectory("millrace-policy");
    kernel = KernelVerdicts.open(folder);
  }

  @AfterEach
  void close() throws IOException {
    kernel.close();
    Files.delete(folder);
  }

  @ParameterizedTest(name = "v6 {0}")
  @ValueSource(booleans = {false, true})
  void everyProbeOfTheCorpus(boolean v6) throws IOException {
    assumeTrue(
        Files.exists(Corpus.FILE),
        "the corpus of policy cases is not beside this checkout (" + Corpus.FILE + ")");
    Corpus corpus = Corpus.read(Corpus.FILE, v6);
    List<String> wrong = new ArrayList<>();
    int steps = 0;
    int probes = 0;
    for (Corpus.Case each : corpus.cases()) {
      World world = new World();
      PolicyCompiler compiler = new PolicyCompiler("n1");
      for (Corpus.Step step : each.steps()) {
        Corpus.play(step, world);
        ClusterDelta delta = world.read();
        kernel.enforce(compiler.compile(world.image(), delta));
        probe(each, step, wrong);
        probes += step.probes().size();
        steps++;
      }
    }
    System.out.printf(
        "policy-figure corpus %s: %,d cases, %,d steps as updates, %,d probes, %,d packets judged,"
            + " %,d mismatches%n",
        v6 ? "v6" : "v4", corpus.cases().size(), steps, probes, kernel.verdicts(), wrong.size());
    assertThat(wrong).isEmpty();
    assertThat(corpus.cases()).hasSize(230);
    assertThat(steps).isEqualTo(256);
  }

  private void probe(Corpus.Case each, Corpus.Step step, List<String> wrong) {
    List<Verdicts.Verdict> said =
        kernel.verdicts(
            step.probes().stream()
                .map(
                    probe ->
                        new KernelVerdicts.Question(
                            probe.from(), probe.to(), probe.protocol().number(), probe.port()))
                .toList());
    for (int i = 0; i < said.size(); i++) {
      Corpus.Probe probe = step.probes().get(i);
      if (!said.get(i).equals(probe.expected())) {
        wrong.add("case " + each.id() + ": " + probe.text());
      }
    }
  }

  private PolicyFuzz fuzz(long seed, World world, PolicyCompiler compiler) {
    return new PolicyFuzz(seed, world, compiler, kernel::enforce).withPortsFrom(1);
  }

  @Test
  void randomClustersThatChange() {
    List<String> wrong = new ArrayList<>();
    long verdicts = 0;
    for (long seed = 0; seed < SEEDS; seed++) {
      PolicyFuzz fuzz = fuzz(seed, new World(), new PolicyCompiler("n1"));
      for (String each : fuzz.run(25, 40)) {
        wrong.add("seed " + seed + ": " + each);
      }
      verdicts += fuzz.verdicts();
    }
    System.out.printf(
        "policy-figure fuzz: %,d seeds, %,d verdicts, %,d packets judged, %,d mismatches%n",
        SEEDS, verdicts, kernel.verdicts(), wrong.size());
    assertThat(wrong).isEmpty();
    assertThat(verdicts).isGreaterThanOrEqualTo(60_000);
  }

  @ParameterizedTest
  @EnumSource(PolicyMutantsTest.Mutant.class)
  void aMutantIsFound(PolicyMutantsTest.Mutant mutant) {
    int wrong = 0;
    int verdicts = 0;
    for (long seed = 0; seed < MUTANT_SEEDS && wrong == 0; seed++) {
      PolicyCompiler compiler = new PolicyCompiler("n1", mutant, -1);
      PolicyFuzz fuzz = fuzz(seed, new World(mutant.seen()), compiler);
      wrong += fuzz.run(25, 40).size();
      verdicts += fuzz.verdicts();
    }
    System.out.printf(
        "policy-figure mutant %s: %s, %,d of %,d verdicts wrong%n",
        mutant, wrong > 0 ? "killed" : "ALIVE", wrong, verdicts);
    assertThat(wrong).isPositive();
  }
}
