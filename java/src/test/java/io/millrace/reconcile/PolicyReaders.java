// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.fake.FakeDataplane;
import io.millrace.model.Ip;
import io.millrace.reconcile.PolicyView.Question;
import io.millrace.reconcile.PolicyView.Verdict;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Packets under way that have read what pods go by, and nothing else yet. Whatever is written
 * meanwhile, they get a verdict that was in force at some moment since they began.
 */
final class PolicyReaders {
  private static final int MOST = 4;

  private final Deque<Reader> readers = new ArrayDeque<>();

  private record Reader(
      long sinceNs, Map<Ip, SubjectEntry> subjects, Map<Question, Set<Verdict>> inForce) {
    void saw(Map<Question, Verdict> verdicts) {
      verdicts.forEach(
          (question, verdict) ->
              inForce
                  .computeIfAbsent(question, each -> EnumSet.noneOf(Verdict.class))
                  .add(verdict));
    }
  }

  /** One that begins now. */
  void begin(PolicyView view, Map<Question, Verdict> verdicts, long nowNs) {
    if (readers.size() == MOST) {
      readers.removeFirst();
    }
    Reader reader = new Reader(nowNs, view.subjects(), new HashMap<>());
    reader.saw(verdicts);
    readers.addLast(reader);
  }

  /** Something has been written. */
  void look(FakeDataplane kernel, Map<Question, Verdict> verdicts, long nowNs) {
    readers.removeIf(each -> nowNs - each.sinceNs() >= PolicyRest.REST_NS);
    for (Reader reader : readers) {
      reader.saw(verdicts);
      PolicyView late = new PolicyView(kernel, reader.subjects());
      reader
          .inForce()
          .forEach(
              (question, may) -> {
                Verdict verdict = late.verdict(question);
                assertThat(may.contains(verdict))
                    .as("a late packet, %s: %s, may be %s", question, verdict, may)
                    .isTrue();
              });
    }
  }

  /** All packets are through. */
  void clear() {
    readers.clear();
  }
}
