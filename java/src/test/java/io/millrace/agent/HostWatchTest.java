// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.model.ClusterDelta;
import io.millrace.model.ClusterImage;
import io.millrace.model.HostState;
import io.millrace.model.Ip;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class HostWatchTest {
  private final HostWatch watch = new HostWatch(() -> 0);

  @Test
  void whatIsKnownFirstIsNoChange() {
    watch.image(withAddresses("192.0.2.1"));
    assertThat(watch.changes()).isZero();
  }

  @Test
  void eachDifferenceCountsOnce() {
    watch.image(withAddresses("192.0.2.1"));
    ClusterImage second = withAddresses("192.0.2.1", "2001:db8::1");
    watch.image(second);
    watch.image(second);
    assertThat(watch.changes()).isEqualTo(1);
    watch.image(withAddresses("192.0.2.1"));
    assertThat(watch.changes()).isEqualTo(2);
  }

  private static ClusterImage withAddresses(String... addresses) {
    List<HostState.Address> all =
        List.of(addresses).stream()
            .map(text -> new HostState.Address(2, Ip.parse(text), 32, true))
            .toList();
    ClusterDelta delta = new ClusterDelta(ClusterImage.EMPTY);
    delta.change(HostState.KEY, new HostState(List.of(), all, List.of(), Set.of()));
    return delta.apply();
  }
}
