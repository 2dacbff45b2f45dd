// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.bpf.Errno;
import io.millrace.fake.FakeDataplane;
import io.millrace.model.Problem;
import org.junit.jupiter.api.Test;

class PinsTest {
  private final FakeDataplane kernel = new FakeDataplane();
  private final Pins pins = new Pins(kernel);

  @Test
  void pinsThatAreGoneAreMadeAgainAndCounted() {
    kernel.lostPins = 2;
    assertThat(pins.audit()).isEqualTo(2);
    assertThat(pins.audit()).isZero();
  }

  @Test
  void whatCannotBePinnedIsAProblemUntilItCan() {
    kernel.lostPins = 1;
    kernel.faults(what -> what.equals("pins") ? Errno.ENOSPC : 0);
    assertThat(pins.audit()).isZero();
    assertThat(pins.problems()).singleElement().extracting(Problem::object).isEqualTo("pins");
    kernel.faults(what -> 0);
    assertThat(pins.audit()).isEqualTo(1);
    assertThat(pins.problems()).isEmpty();
  }
}
