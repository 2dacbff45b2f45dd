// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.bpf.PinnedServing.HandBack;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

final class HandbackCommandTest {
  private static final HandBack NONE = new HandBack(0, 0, 2, 0);

  @Test
  void itLooksUntilNothingIsFound() throws Exception {
    Deque<HandBack> found =
        new ArrayDeque<>(
            List.of(
                new HandBack(5, 2, 2, 0),
                NONE,
                NONE,
                new HandBack(0, 1, 2, 0),
                new HandBack(1, 0, 2, 0),
                NONE));
    assertThat(HandbackCommand.moveAll(found::remove, 0)).isEqualTo(new HandBack(6, 3, 2, 0));
    assertThat(found).isEmpty();
  }

  @Test
  void whatFailedInTheEndIsTold() throws Exception {
    HandBack failed = new HandBack(0, 0, 0, 1);
    assertThat(HandbackCommand.moveAll(() -> failed, 0)).isEqualTo(failed);
  }

  @Test
  void whatGoesOnBeingOpenedIsAnError() {
    assertThatThrownBy(() -> HandbackCommand.moveAll(() -> new HandBack(1, 0, 0, 0), 0))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("are opened still")
        .hasMessageContaining("--undo");
  }

  @Test
  void aNegativeDrainIsRefused() {
    HandbackCommand command = new HandbackCommand();
    command.drainS = -1;
    assertThatThrownBy(command::call).hasMessageStartingWith("--drain -1: ");
  }
}
