// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.fake.FakeDataplane;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class SocketHooksTest {
  private static final Path CGROUP = Path.of("/cgroup");
  private static final int EPERM = 1;
  private static final long SECOND_NS = 1_000_000_000L;

  private final FakeDataplane kernel = new FakeDataplane();

  @Test
  void wantedTheyAreAttachedOnce() {
    SocketHooks hooks = new SocketHooks(kernel, SocketLb.on(CGROUP));
    assertThat(hooks.state()).isEqualTo("off: not attached yet");
    hooks.write(0);
    assertThat(kernel.cgroup()).isEqualTo(CGROUP);
    assertThat(hooks.state()).isEqualTo("on");
    assertThat(hooks.waitNs(0)).isEqualTo(Long.MAX_VALUE);
    assertThat(hooks.audit(0)).isZero();
  }

  @Test
  void notWantedThoseOfAnEarlierAgentAreTakenOff() {
    kernel.attachSockets(CGROUP);
    SocketHooks hooks = new SocketHooks(kernel, SocketLb.off("--socket-lb=off"));
    hooks.write(0);
    assertThat(kernel.cgroup()).isNull();
    assertThat(hooks.state()).isEqualTo("off: --socket-lb=off");
    assertThat(hooks.audit(0)).isZero();
  }

  @Test
  void aRefusalIsToldAndTriedAgain() {
    kernel.faults(map -> map.equals("sockets") ? EPERM : 0);
    SocketHooks hooks = new SocketHooks(kernel, SocketLb.on(CGROUP));
    hooks.write(0);
    assertThat(hooks.state()).startsWith("off: ").contains("/cgroup").contains("EPERM");
    assertThat(hooks.waitNs(0)).isEqualTo(SECOND_NS);
    kernel.faults(map -> 0);
    hooks.write(SECOND_NS / 2);
    assertThat(kernel.cgroup()).isNull();
    hooks.write(SECOND_NS);
    assertThat(kernel.cgroup()).isEqualTo(CGROUP);
    assertThat(hooks.state()).isEqualTo("on");
    assertThat(hooks.waitNs(SECOND_NS)).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void linksThatAreGoneArePutBack() {
    SocketHooks hooks = new SocketHooks(kernel, SocketLb.on(CGROUP));
    hooks.write(0);
    kernel.loseSockets();
    assertThat(hooks.audit(0)).isPositive();
    assertThat(kernel.cgroup()).isEqualTo(CGROUP);
    kernel.loseSockets();
    kernel.faults(map -> map.equals("sockets") ? EPERM : 0);
    assertThat(hooks.audit(0)).isZero();
    assertThat(hooks.state()).startsWith("off: ");
    kernel.faults(map -> 0);
    hooks.write(SECOND_NS);
    assertThat(hooks.state()).isEqualTo("on");
  }
}
