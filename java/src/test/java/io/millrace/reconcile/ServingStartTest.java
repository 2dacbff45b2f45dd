// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.bpf.Adopted;
import io.millrace.bpf.Adoption;
import io.millrace.bpf.Errno;
import io.millrace.bpf.Hold;
import io.millrace.fake.FakeDataplane;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class ServingStartTest {
  private static final long MS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final Adoption CARRIED = new Adoption(3, 12, 0, 2, 1, 0);

  private final FakeDataplane kernel = new FakeDataplane();
  private final ServingStart start = new ServingStart(kernel);

  private void carried(Adoption... found) {
    kernel.adoptions.clear();
    kernel.adoptions.addAll(java.util.List.of(found));
  }

  @Test
  void aNodeWithoutOthersServesAsSoonAsAllProgramsStand() {
    start.load(true);
    start.begin();
    assertThat(kernel.hold()).isEqualTo(Hold.START);
    assertThat(start.isSettled()).isFalse();
    start.write(0);
    assertThat(kernel.hold()).isEqualTo(Hold.NONE);
    assertThat(kernel.adopted()).isEqualTo(Adopted.NONE);
    assertThat(start.isSettled()).isTrue();
    assertThat(start.waitNs(0)).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void whereOthersCarryConnectionsItRestsLooksServesAndLooksAgain() {
    carried(CARRIED);
    start.load(true);
    start.begin();
    start.write(0);
    assertThat(kernel.hold()).isEqualTo(Hold.START);
    assertThat(start.waitNs(0)).isEqualTo(200 * MS);
    start.begin();
    start.write(199 * MS);
    assertThat(kernel.hold()).isEqualTo(Hold.START);
    start.write(200 * MS);
    assertThat(kernel.hold()).isEqualTo(Hold.NONE);
    assertThat(kernel.adopted()).isEqualTo(Adopted.UDP);
    assertThat(start.waitNs(200 * MS)).isEqualTo(1000 * MS);
    start.write(1200 * MS);
    assertThat(start.waitNs(1200 * MS)).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void aRestartThatFindsItsProgramsDoesNothing() {
    start.load(false);
    start.begin();
    start.write(0);
    assertThat(kernel.hold()).isEqualTo(Hold.NONE);
    assertThat(start.isSettled()).isTrue();
  }

  @Test
  void anAgentThatDiedMeanwhileIsFollowedByOneThatGoesOn() {
    kernel.setHold(Hold.START);
    start.load(false);
    assertThat(start.isSettled()).isFalse();
    start.begin();
    start.write(0);
    assertThat(kernel.hold()).isEqualTo(Hold.NONE);
  }

  @Test
  void whatWasHandedBackStaysSo() {
    kernel.setHold(Hold.BACK);
    start.load(true);
    start.begin();
    start.write(0);
    assertThat(kernel.hold()).isEqualTo(Hold.BACK);
    assertThat(start.isSettled()).isTrue();
  }

  @Test
  void servesAlsoWhereConnectionsCannotBeListed() {
    kernel.faults(map -> map.equals("conntrack") ? Errno.EPERM : 0);
    start.load(true);
    start.begin();
    start.write(0);
    assertThat(kernel.hold()).isEqualTo(Hold.NONE);
  }
}
