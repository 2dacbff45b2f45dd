// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Random histories of random clusters: the tables say what the API means. */
final class PolicyFuzzTest {
  private static final int SEEDS = Integer.getInteger("millrace.policy.seeds", 80);

  static LongStream seeds() {
    return LongStream.range(0, SEEDS);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void everyVerdictIsTheOneOfTheApi(long seed) {
    PolicyFuzz fuzz = new PolicyFuzz(seed, new PolicyCompiler("n1"));
    assertThat(fuzz.run(25, 40)).isEmpty();
    assertThat(fuzz.verdicts()).isEqualTo(26 * 40);
    assertThat(fuzz.denied()).isBetween(26 * 40 / 20, 26 * 40 * 19 / 20);
  }

  /** A few bits of names collide all the time, and nothing but the names is different. */
  @ParameterizedTest(name = "seed {0}")
  @MethodSource("few")
  void namesThatCollideAreGivenAnew(long seed) {
    PolicyFuzz fuzz = new PolicyFuzz(seed, new PolicyCompiler("n1", Coverage.EXACT, 0x7ff));
    assertThat(fuzz.run(10, 40)).isEmpty();
  }

  static LongStream few() {
    return LongStream.range(1000, 1008);
  }
}
