// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.kubernetes;

import static io.millrace.source.kubernetes.ApiObjects.list;
import static io.millrace.source.kubernetes.ApiObjects.service;
import static io.millrace.source.kubernetes.ApiObjects.status;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.model.Problem;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Lists: every way in which they begin, end and go wrong. */
final class ReflectorTest extends ReflectorFixture {
  @Test
  void aListIsFollowedByAWatchFromThere() {
    api.answers(list(7, "", List.of(A, B)));
    run();
    assertThat(there()).containsExactly("a", "b");
    assertThat(synced).isEqualTo(1);
    assertThat(asked()).containsExactly("L", "W7");
    String ours = // S-003, S-004
        "&labelSelector=%21service.kubernetes.io%2Fservice-proxy-name"
            + "%2C%21service.kubernetes.io%2Fheadless";
    assertThat(api.asked().get(0)).isEqualTo("/api/v1/services?limit=500" + ours);
    assertThat(api.asked().get(1)).endsWith(ours);
    assertThat(api.asked().get(1))
        .contains("allowWatchBookmarks=true")
        .containsPattern("timeoutSeconds=[3-6]\\d\\d&");
    assertThat(clock.sleptMs()).isEmpty();
  }

  @Test
  void pagesAreAskedForOneByOne() {
    api.answers(list(7, "next one", List.of(A))).answers(list(7, "", List.of(B)));
    run();
    assertThat(there()).containsExactly("a", "b");
    assertThat(api.asked().get(1)).contains("continue=next+one&labelSelector");
    assertThat(asked()).containsExactly("L", "L+", "W7");
  }

  @Test
  void anUnreachableServerIsTriedAgainWithGrowingWaits() {
    for (int i = 0; i < 9; i++) {
      api.unreachable();
    }
    api.answers(list(7, "", List.of(A)));
    run();
    assertThat(there()).containsExactly("a");
    List<Long> waits = clock.sleptMs();
    assertThat(waits).hasSize(9);
    long limit = 500;
    for (long wait : waits) {
      assertThat(wait).isBetween(limit / 2, limit);
      limit = Math.min(30_000, limit * 2);
    }
  }

  @Test
  void whatStandsInTheWayIsSaidFromTheSecondFailureOnUntilItIsGone() {
    api.unreachable();
    run();
    assertThat(progress.problems()).isEmpty();
    api.unreachable();
    run();
    assertThat(progress.problems()).isEmpty(); // a new reflector: its first failure
    api.unreachable().unreachable();
    run();
    assertThat(progress.problems())
        .containsExactly(
            new Problem(
                "services",
                "",
                "",
                "no answer from https://api: it takes no connections; nothing is known yet"));
    api.answers(list(7, "", List.of()));
    run();
    assertThat(progress.problems()).isEmpty();
  }

  @Test
  void aListThatBreaksOffRemovesNothing() {
    String half = list(20, "", List.of(B));
    api.answers(list(7, "", List.of(A, B)))
        .answers(410, Map.of(), status(410, "too old"))
        .answers(half.substring(0, half.length() - 20))
        .answers(list(21, "more", List.of(B)))
        .unreachable()
        .answers(list(22, "", List.of(B)));
    run();
    assertThat(asked()).containsExactly("L", "W7", "L", "L", "L+", "L", "W22");
    assertThat(changes).hasSize(3);
    assertThat(there()).containsExactly("b");
  }

  @Test
  void nothingOfAListIsVisibleBeforeItsEnd() {
    api.answers(list(7, "", List.of(A)))
        .answers(410, Map.of(), status(410, "too old"))
        .answers(list(21, "more", List.of(service("c", 20, "10.0.0.3"))))
        .unreachable();
    run();
    assertThat(there()).containsExactly("a");
  }

  @Test
  void aFirstListThatBrokeOffIsMadeGoodByTheNext() {
    api.answers(list(7, "more", List.of(A))).unreachable().answers(list(9, "", List.of(B)));
    run();
    assertThat(there()).containsExactly("b");
    assertThat(synced).isEqualTo(1);
  }

  @Test
  void anAnswerThatIsNoListRemovesNothing() {
    api.answers(list(7, "", List.of(A)))
        .answers(410, Map.of(), status(410, "too old"))
        .answers("{}")
        .answers("<html>log in</html>")
        .answers("")
        .answers("{\"metadata\":{\"resourceVersion\":\"9\"}}")
        .answers("{\"metadata\":{},\"items\":[]}")
        .answers("[]");
    run();
    assertThat(there()).containsExactly("a");
    assertThat(asked()).hasSize(9).endsWith("L");
  }

  @Test
  void anEmptyListIsBelieved() {
    api.answers(list(7, "", List.of(A)))
        .answers(410, Map.of(), status(410, "too old"))
        .answers(list(9, "", List.of()));
    run();
    assertThat(there()).isEmpty();
  }

  @Test
  void pagesThatExpireTwiceAreAskedForAllAtOnce() {
    String gone = status(410, "the provided continue parameter is too old");
    api.answers(list(7, "t1", List.of(A)))
        .answers(410, Map.of(), gone)
        .answers(list(8, "t2", List.of(A)))
        .answers(410, Map.of(), gone)
        .answers(list(9, "", List.of(A, B)));
    run();
    assertThat(asked()).containsExactly("L", "L+", "L", "L+", "L*", "W9");
    assertThat(there()).containsExactly("a", "b");
  }

  @Test
  void theServerSaysHowLongToWait() {
    api.answers(429, Map.of("Retry-After", "17"), status(429, "busy"))
        .answers(503, Map.of("Retry-After", "100000"), "")
        .answers(list(7, "", List.of(A)));
    run();
    assertThat(clock.sleptMs()).containsExactly(17_000L, 300_000L);
  }

  @Test
  void anOlderListIsNotBelievedAtOnce() {
    String gone = status(410, "too old");
    api.answers(list(100, "", List.of(A, B)))
        .answers(410, Map.of(), gone)
        .answers(list(90, "", List.of(A)))
        .answers(list(91, "", List.of(A)))
        .answers(list(101, "", List.of(B)));
    run();
    assertThat(there()).containsExactly("b");
    assertThat(changes).hasSize(3);
    assertThat(asked()).containsExactly("L", "W100", "L", "L", "L", "W101");
  }

  @Test
  void anOlderStateIsBelievedIfItIsAllThereIs() {
    api.answers(list(100, "", List.of(A, B))).answers(410, Map.of(), status(410, "too old"));
    for (int i = 0; i < 12; i++) {
      api.answers(list(90, "", List.of(A)));
    }
    run();
    assertThat(there()).containsExactly("a");
    assertThat(asked()).contains("W90");
    long waitedMs = clock.sleptMs().stream().mapToLong(Long::longValue).sum();
    assertThat(waitedMs).isGreaterThan(60_000);
  }

  @Test
  void theOlderStateIsAProblemMeanwhile() {
    api.answers(list(100, "", List.of(A)))
        .answers(410, Map.of(), status(410, "too old"))
        .answers(list(90, "", List.of()));
    run();
    assertThat(progress.problems())
        .extracting(Problem::reason)
        .containsExactly(
            "the API server answers with an older state (resourceVersion 90 < 100); the newer one"
                + " stays");
  }
}
