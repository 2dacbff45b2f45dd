// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.fake.RandomCluster;
import io.millrace.model.ClusterDelta;
import io.millrace.model.ClusterImage;
import io.millrace.model.Ip;
import io.millrace.model.ServicePortKey;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A reader of the changes alone ends where one ends who compiles everything from scratch. */
final class MemoTest {
  private static final NodeConfig CONFIG = NodeConfig.automatic("n1");

  static LongStream seeds() {
    return LongStream.range(0, 100);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void changesAddUpToTheWhole(long seed) {
    RandomCluster cluster = new RandomCluster(seed);
    Compiler compiler = new Compiler(CONFIG);
    ClusterImage image = ClusterImage.EMPTY;
    Map<ServicePortKey, Desired.Port> ports = new HashMap<>();
    Map<Ip, Desired.AddressUse> addresses = new HashMap<>();
    for (int step = 0; step < 60; step++) {
      ClusterDelta delta = new ClusterDelta(image);
      for (int i = cluster.below(4); i >= 0; i--) {
        if (cluster.below(4) == 0) {
          delta.remove(cluster.key());
        } else {
          delta.put(cluster.object());
        }
      }
      image = delta.apply();
      Desired change = compiler.compile(image, delta);
      change.gone().forEach(ports::remove);
      change.ports().forEach(port -> ports.put(port.key(), port));
      addresses.putAll(change.addresses());
      addresses.values().removeIf(use -> use == Desired.AddressUse.NONE);
      Compiler fresh = new Compiler(CONFIG);
      Desired whole = fresh.compileAll(image);
      assertThat(ports.values()).containsExactlyInAnyOrderElementsOf(whole.ports());
      assertThat(addresses).isEqualTo(whole.addresses());
      assertThat(change.node()).isEqualTo(whole.node());
      assertThat(compiler.problems()).isEqualTo(fresh.problems());
      assertThat(change.policy().subjects()).isEqualTo(whole.policy().subjects());
      assertThat(compiler.compileAll(image)).isEqualTo(whole);
    }
  }
}
