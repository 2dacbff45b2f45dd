// SPDX-License-Identifier: Apache-2.0
package io.millrace.fake.api;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Which of the next requests go wrong. Callable from any thread. */
public final class Faults {
  private final List<Rule> rules = new ArrayList<>();

  private static final class Rule {
    final Predicate<Call> calls;
    final Fault fault;
    int left;

    Rule(Predicate<Call> calls, Fault fault, int times) {
      this.calls = calls;
      this.fault = fault;
      this.left = times;
    }
  }

  /** The next so many of these calls meet this fault; the first rule that fits counts. */
  public synchronized void next(Predicate<Call> calls, Fault fault, int times) {
    rules.add(new Rule(calls, fault, times));
  }

  /** All is well from now on. */
  public synchronized void clear() {
    rules.clear();
  }

  /** How many are still to come. */
  public synchronized int left() {
    return rules.stream().mapToInt(rule -> rule.left).sum();
  }

  synchronized @Nullable Fault take(Call call) {
    for (Iterator<Rule> each = rules.iterator(); each.hasNext(); ) {
      Rule rule = each.next();
      if (rule.calls.test(call)) {
        if (--rule.left == 0) {
          each.remove();
        }
        return rule.fault;
      }
    }
    return null;
  }
}
