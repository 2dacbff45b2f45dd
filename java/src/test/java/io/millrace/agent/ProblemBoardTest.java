// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.model.Problem;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ProblemBoardTest {
  private final ProblemBoard board = new ProblemBoard(() -> 0);

  @Test
  void eachSourceReplacesItsOwn() {
    board.set("manifests", List.of(problem("a"), problem("b")));
    board.set("services", List.of(problem("c")));
    board.set("manifests", List.of(problem("b")));
    assertThat(board.count()).isEqualTo(2);
    assertThat(board.list(10))
        .extracting(entry -> entry.source() + " " + entry.problem().reason())
        .containsExactly("manifests b", "services c");
    board.set("manifests", List.of());
    assertThat(board.count()).isEqualTo(1);
  }

  @Test
  void theListIsBounded() {
    board.set("manifests", IntStream.range(0, 500).mapToObj(i -> problem("p" + i)).toList());
    board.set("services", List.of(problem("c")));
    assertThat(board.list(200)).hasSize(200);
    assertThat(board.count()).isEqualTo(501);
  }

  @Test
  void fileAndDocumentAreTakenApart() {
    Problem inDocument = new Problem("web.yaml document 2", "Service default/web", "spec", "bad");
    Problem wholeFile = new Problem("my document", "", "", "bad");
    assertThat(StatusReport.problem(new ProblemBoard.Entry("manifests", inDocument)))
        .extracting("file_", "document_")
        .containsExactly("web.yaml", 2);
    assertThat(StatusReport.problem(new ProblemBoard.Entry("manifests", wholeFile)))
        .extracting("file_", "document_")
        .containsExactly("my document", 0);
  }

  private static Problem problem(String reason) {
    return new Problem("", "", "", reason);
  }
}
