// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LogLimitTest {
  private final List<String> log = new ArrayList<>();
  private long nowNs;
  private final LogLimit limit = new LogLimit(3, () -> log.add("more"), () -> nowNs);

  @Test
  void aFloodIsAFewLinesAndOneThatSaysSo() {
    write(1000);
    assertThat(log).containsExactly("line 0", "line 1", "line 2", "more");
  }

  @Test
  void tenSecondsLaterThereIsRoomAgain() {
    write(1000);
    nowNs = LogLimit.WINDOW_NS - 1;
    write(1);
    assertThat(log).hasSize(4);
    nowNs = LogLimit.WINDOW_NS;
    write(1);
    assertThat(log).hasSize(5).last().isEqualTo("line 0");
  }

  private void write(int lines) {
    for (int i = 0; i < lines; i++) {
      int number = i;
      limit.write(() -> log.add("line " + number));
    }
  }
}
