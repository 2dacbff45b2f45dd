// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.fake.policy.ApiMeaning;
import io.millrace.fake.policy.Corpus;
import io.millrace.fake.policy.TableModel;
import io.millrace.fake.policy.Verdicts;
import io.millrace.fake.policy.World;
import io.millrace.model.ClusterDelta;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The upstream corpus: each step as an update of the one before, and from scratch. */
final class PolicyCorpusTest {
  @ParameterizedTest(name = "v6 {0}")
  @ValueSource(booleans = {false, true})
  void everyProbeOfEveryCase(boolean v6) throws IOException {
    assumeTrue(Files.exists(Corpus.FILE), "there is no " + Corpus.FILE);
    Corpus corpus = Corpus.read(Corpus.FILE, v6);
    List<String> wrong = new ArrayList<>();
    int probes = 0;
    int denied = 0;
    int steps = 0;
    for (Corpus.Case each : corpus.cases()) {
      World world = new World();
      PolicyCompiler compiler = new PolicyCompiler("n1");
      for (Corpus.Step step : each.steps()) {
        Corpus.play(step, world);
        ClusterDelta delta = world.read();
        Verdicts updated = new TableModel(compiler.compile(world.image(), delta));
        Verdicts fresh = new TableModel(new PolicyCompiler("n1").compileAll(world.image()));
        Verdicts meaning = new ApiMeaning(world, "n1");
        for (Corpus.Probe probe : step.probes()) {
          for (Verdicts answers : List.of(updated, fresh, meaning)) {
            if (!answer(answers, probe).equals(probe.expected())) {
              wrong.add("case " + each.id() + ": " + probe.text());
            }
          }
          denied += probe.expected().ingress() && probe.expected().egress() ? 0 : 1;
        }
        probes += step.probes().size();
        steps++;
      }
    }
    System.out.printf(
        "policy corpus %s: %d cases, %d steps, %d probes of which %d are denied, as updates and"
            + " from scratch, %d wrong%n",
        v6 ? "v6" : "v4", corpus.cases().size(), steps, probes, denied, wrong.size());
    assertThat(wrong).isEmpty();
    assertThat(corpus.cases()).hasSize(230);
    assertThat(probes).isGreaterThan(100_000);
    assertThat(denied).isGreaterThan(20_000);
  }

  private static Verdicts.Verdict answer(Verdicts answers, Corpus.Probe probe) {
    return answers.verdict(probe.from(), probe.to(), probe.protocol().number(), probe.port());
  }
}
