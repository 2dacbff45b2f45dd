// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.kubernetes;

import static io.millrace.source.kubernetes.ApiObjects.badService;
import static io.millrace.source.kubernetes.ApiObjects.bookmark;
import static io.millrace.source.kubernetes.ApiObjects.event;
import static io.millrace.source.kubernetes.ApiObjects.list;
import static io.millrace.source.kubernetes.ApiObjects.service;
import static io.millrace.source.kubernetes.ApiObjects.status;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.model.Problem;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Watches: what events do, and every way in which they end. */
final class ReflectorWatchTest extends ReflectorFixture {
  @Test
  void eventsChangeWhatIsHeldAndMoveTheVersion() {
    api.answers(list(7, "", List.of(A)))
        .lasts(
            MINUTES,
            event("ADDED", service("b", 8, "10.0.0.2"))
                + event("MODIFIED", service("a", 9, "10.0.0.9"))
                + event("DELETED", service("b", 10, "10.0.0.2")));
    run();
    assertThat(there()).containsExactly("a");
    assertThat(changes).hasSize(4);
    assertThat(asked()).containsExactly("L", "W7", "W10");
    assertThat(progress.stats().events()).isEqualTo(3);
  }

  @Test
  void bookmarksMoveTheVersionAlone() {
    api.answers(list(7, "", List.of(A))).lasts(MINUTES, bookmark(20) + bookmark(30));
    run();
    assertThat(changes).hasSize(1);
    assertThat(asked()).containsExactly("L", "W7", "W30");
  }

  @Test
  void heartbeatsAreNotOffered() {
    api.answers(list(7, "", List.of(A)))
        .lasts(MINUTES, event("MODIFIED", service("a", 8, "10.0.0.1")));
    run();
    assertThat(changes).hasSize(1);
    assertThat(asked()).containsExactly("L", "W7", "W8");
  }

  @Test
  void aVersionThatIsTooOldLeadsToAListAfterAMoment() {
    api.answers(list(7, "", List.of(A)))
        .lasts(MINUTES, event("ERROR", status(410, "too old resource version: 7 (20)")))
        .answers(list(30, "", List.of(A)));
    run();
    assertThat(asked()).containsExactly("L", "W7", "L", "W30");
    assertThat(clock.sleptMs()).hasSize(1);
    assertThat(clock.sleptMs().get(0)).isBetween(0L, 2000L);
    assertThat(changes).hasSize(1);
  }

  @Test
  void whoIsNotLetInSaysSoAtOnceAndKeepsTrying() {
    api.answers(list(7, "", List.of(A)))
        .answers(403, Map.of(), status(403, "services is forbidden: User x cannot watch"));
    run();
    assertThat(progress.problems())
        .extracting(Problem::reason)
        .containsExactly(
            "the API server answers 403: services is forbidden: User x cannot watch;"
                + " what is known stays");
    assertThat(there()).containsExactly("a");
  }

  @Test
  void aSilentWatchIsTakenUpAgainAtOnce() {
    api.answers(list(7, "", List.of(A)))
        .fallsSilent(Duration.ofMinutes(3), event("ADDED", service("b", 9, "10.0.0.2")));
    run();
    assertThat(asked()).containsExactly("L", "W7", "W9");
    assertThat(clock.sleptMs()).isEmpty();
  }

  @Test
  void whatStoodInTheWayIsGoneWithTheAnswerAndNotWithTheFirstEvent() {
    api.answers(list(7, "", List.of(A))).unreachable().unreachable();
    run();
    assertThat(progress.problems()).hasSize(1);
    api.answers(list(7, "", List.of(A)))
        .unreachable()
        .unreachable()
        .fallsSilent(Duration.ofMinutes(3), "");
    run();
    assertThat(asked()).endsWith("W7", "W7", "W7", "W7");
    assertThat(progress.problems()).isEmpty();
  }

  @Test
  void aWatchThatIsCutWithinAnEventLosesNothing() {
    String event = event("ADDED", service("b", 9, "10.0.0.2"));
    api.answers(list(7, "", List.of(A)))
        .lasts(MINUTES, bookmark(8) + event.substring(0, 60))
        .lasts(MINUTES, event);
    run();
    assertThat(asked()).containsExactly("L", "W7", "W8", "W9");
    assertThat(there()).containsExactly("a", "b");
  }

  @Test
  void aServerThatIsGoneForALongTimeIsWatchedFromTheSamePlace() {
    api.answers(list(7, "", List.of(A)));
    for (int i = 0; i < 20; i++) {
      api.unreachable();
    }
    run();
    assertThat(asked()).hasSize(22).endsWith("W7");
    assertThat(there()).containsExactly("a");
  }

  @Test
  void watchesThatEndAtOnceThreeTimesLeadToAList() {
    api.answers(list(7, "", List.of(A)))
        .answers("")
        .answers("")
        .answers("")
        .answers(list(9, "", List.of(A)));
    run();
    assertThat(asked()).containsExactly("L", "W7", "W7", "W7", "L", "W9");
    assertThat(clock.sleptMs()).hasSize(3);
  }

  @Test
  void aVersionThatTheServerDoesNotKnowYetLeadsToAListInTheEnd() {
    String error = event("ERROR", status(504, "Too large resource version: 7, current: 3"));
    api.answers(list(7, "", List.of(A)))
        .lasts(Duration.ofSeconds(10), error)
        .answers(504, Map.of(), status(504, "Too large resource version"))
        .answers(400, Map.of(), status(400, "invalid"))
        .answers(list(9, "", List.of(A)));
    run();
    assertThat(asked()).containsExactly("L", "W7", "W7", "W7", "L", "W9");
  }

  @Test
  void aBusyServerIsNotAskedForLists() {
    api.answers(list(7, "", List.of(A)));
    for (int i = 0; i < 6; i++) {
      api.answers(503, Map.of(), status(503, "shutting down"));
    }
    run();
    assertThat(asked()).hasSize(8).endsWith("W7");
  }

  @Test
  void anInvalidObjectKeepsItsLastGoodVersionAndIsReported() {
    api.answers(list(7, "", List.of(A, badService("c", 6))))
        .lasts(MINUTES, event("MODIFIED", badService("a", 8)));
    run();
    assertThat(there()).containsExactly("a");
    assertThat(progress.problems())
        .extracting(Problem::toString)
        .containsExactly(
            "Service default/a, spec.ports[0].port: must be 1…65535, is 0; its last good version"
                + " stays",
            "Service default/c, spec.ports[0].port: must be 1…65535, is 0; it is not served");
    assertThat(asked()).endsWith("W8");
  }

  @Test
  void anObjectThatIsMendedOrGoneIsNoProblemAnyMore() {
    api.answers(list(7, "", List.of(badService("a", 5), badService("b", 6))))
        .lasts(
            MINUTES,
            event("MODIFIED", service("a", 8, "10.0.0.1")) + event("DELETED", badService("b", 9)));
    run();
    assertThat(progress.problems()).isEmpty();
    assertThat(there()).containsExactly("a");
  }

  @Test
  void whatBreaksUsIsTriedAnew() {
    api.answers(list(7, "", List.of(A)))
        .throwsAtUs(new IllegalStateException("a bug"))
        .answers(list(8, "", List.of(A, B)));
    run();
    assertThat(there()).containsExactly("a", "b");
    assertThat(asked()).containsExactly("L", "W7", "L", "W8");
  }

  @Test
  void relabelledServicesComeAndGoByTheSelector() { // S-003
    api.answers(list(7, "", List.of(A)))
        .lasts(MINUTES, event("DELETED", service("a", 8, "10.0.0.1")))
        .lasts(MINUTES, event("ADDED", service("a", 9, "10.0.0.1")));
    run();
    assertThat(changes)
        .extracting(change -> change.object() != null)
        .containsExactly(true, false, true);
  }
}
