// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.fake.policy.RandomWorld;
import io.millrace.fake.policy.World;
import io.millrace.model.ClusterDelta;
import io.millrace.model.Ip;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What changes lead to is what a compilation from scratch says, and they say what they changed. */
final class PolicyMemoTest {
  static LongStream seeds() {
    return LongStream.range(0, 60);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void changesAddUpToTheWhole(long seed) {
    World world = new World();
    RandomWorld random = new RandomWorld(seed, world);
    PolicyCompiler compiler = new PolicyCompiler("n1");
    random.fill();
    ClusterDelta first = world.read();
    PolicyTables before = compiler.compile(world.image(), first);
    for (int step = 0; step < 60; step++) {
      for (int i = random.below(3); i > 0; i--) {
        random.change();
      }
      ClusterDelta delta = world.read();
      PolicyTables after = compiler.compile(world.image(), delta);
      PolicyTables fresh = new PolicyCompiler("n1").compileAll(world.image());
      assertThat(after.universe()).isEqualTo(fresh.universe());
      assertThat(after.subjects()).isEqualTo(fresh.subjects());
      assertThat(after.peers()).isEqualTo(fresh.peers());
      assertThat(after.blocks()).isEqualTo(fresh.blocks());
      assertThat(after.ports()).isEqualTo(fresh.ports());
      assertThat(after.sets()).isEqualTo(fresh.sets());
      assertThat(after.problems()).isEqualTo(fresh.problems());
      assertNamed(before, after);
      before = after;
    }
  }

  /** What is different is named, and what is not is the same object. */
  @SuppressWarnings("ReferenceEquality")
  private static void assertNamed(PolicyTables before, PolicyTables after) {
    assertThat(after.moved())
        .containsAll(different(before.peers(), after.peers()))
        .containsAll(different(before.subjects(), after.subjects()));
    after
        .sets()
        .forEach(
            (id, set) -> {
              PolicySet old = before.sets().get(id);
              if (set.equals(old)) {
                assertThat(set).isSameAs(old);
              }
            });
    if (after != before) {
      assertThat(after.complete()).isFalse();
    }
    if (after.blocks().equals(before.blocks())) {
      assertThat(after.blocks()).isSameAs(before.blocks());
    }
    if (after.ports().equals(before.ports())) {
      assertThat(after.ports()).isSameAs(before.ports());
    }
    if (after.peers().equals(before.peers())
        && after.subjects().equals(before.subjects())
        && after.universe() == before.universe()
        && after.problems().equals(before.problems())) {
      assertThat(after).isSameAs(before);
    }
  }

  private static <T> Set<Ip> different(Map<Ip, T> before, Map<Ip, T> after) {
    Set<Ip> all = new HashSet<>(before.keySet());
    all.addAll(after.keySet());
    all.removeIf(ip -> Objects.equals(before.get(ip), after.get(ip)));
    return all;
  }
}
