// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** When changes are acted on. */
final class DebounceTest {
  private static final long MS = 1_000_000;

  private final Debounce debounce = new Debounce();

  private void actedAtZero(long tookNs) {
    debounce.changed(false, -tookNs);
    debounce.acted(-tookNs, 0);
  }

  @Test
  void nothingIsDueWithoutChanges() {
    assertThat(debounce.waitNs(0)).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void aSingleChangeIsDueAtOnce() {
    actedAtZero(MS);
    debounce.changed(false, 60 * MS);
    assertThat(debounce.waitNs(60 * MS)).isZero();
  }

  @Test
  void aBurstIsDueWhenItPauses() {
    actedAtZero(MS);
    debounce.changed(false, 5 * MS);
    debounce.changed(false, 8 * MS);
    assertThat(debounce.waitNs(8 * MS)).isEqualTo(10 * MS);
  }

  @Test
  void aBurstIsDueWhenItHasLastedTooLong() {
    actedAtZero(MS);
    for (long at = 5; at <= 103; at += 7) {
      debounce.changed(false, at * MS);
    }
    assertThat(debounce.waitNs(103 * MS)).isEqualTo(2 * MS);
    assertThat(debounce.waitNs(105 * MS)).isZero();
  }

  @Test
  void anUrgentChangeWaitsAsLongAsTheLastOnesTook() {
    actedAtZero(6 * MS);
    debounce.changed(false, MS);
    debounce.changed(true, 2 * MS);
    assertThat(debounce.waitNs(2 * MS)).isEqualTo(4 * MS);
    assertThat(debounce.waitNs(7 * MS)).isZero();
  }

  @Test
  void urgentChangesThatTakeLongAreABurstLikeOthers() {
    actedAtZero(200 * MS);
    debounce.changed(true, MS);
    assertThat(debounce.waitNs(MS)).isEqualTo(10 * MS);
  }

  @Test
  void whatIsActedOnIsNotUrgentAnyMore() {
    actedAtZero(MS);
    debounce.changed(true, MS);
    debounce.acted(3 * MS, 4 * MS);
    debounce.changed(false, 5 * MS);
    assertThat(debounce.waitNs(5 * MS)).isEqualTo(10 * MS);
  }
}
