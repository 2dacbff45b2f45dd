// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.agent.PressureWatch.News;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PressureWatchTest {
  private static final long S = TimeUnit.SECONDS.toNanos(1);

  private final PressureWatch watch = new PressureWatch();

  @Test
  void withoutPressureThereIsNoNews() {
    assertThat(watch.collected(false, 0)).isEqualTo(News.NONE);
    assertThat(watch.collected(false, 100 * S)).isEqualTo(News.NONE);
  }

  @Test
  void itIsToldOnceWhenItBeginsAndOnceWhenItHasEnded() {
    assertThat(watch.collected(true, 10 * S)).isEqualTo(News.BEGAN);
    assertThat(watch.collected(true, 11 * S)).isEqualTo(News.NONE);
    assertThat(watch.collected(true, 20 * S)).isEqualTo(News.NONE);
    assertThat(watch.collected(false, 30 * S)).isEqualTo(News.NONE);
    assertThat(watch.collected(false, 50 * S)).isEqualTo(News.ENDED);
    assertThat(watch.lastedNs()).isEqualTo(10 * S);
    assertThat(watch.collected(false, 60 * S)).isEqualTo(News.NONE);
    assertThat(watch.collected(true, 61 * S)).isEqualTo(News.BEGAN);
  }

  @Test
  void pressureThatComesAndGoesIsOne() {
    assertThat(watch.collected(true, 0)).isEqualTo(News.BEGAN);
    for (int second = 1; second < 300; second++) {
      assertThat(watch.collected(second % 20 == 0, second * S)).isEqualTo(News.NONE);
    }
  }
}
