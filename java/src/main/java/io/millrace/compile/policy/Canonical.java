// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile.policy;

import io.millrace.model.LabelSelector;
import io.millrace.model.PodState.NamedPort;
import io.millrace.model.PolicyState.PortRange;

/** Builds texts that are equal only if they say the same: every part says how long it is. */
final class Canonical {
  private final StringBuilder text = new StringBuilder();

  Canonical add(String part) {
    text.append(part.length()).append(':').append(part);
    return this;
  }

  Canonical add(long number) {
    text.append(number).append(';');
    return this;
  }

  Canonical add(boolean flag) {
    text.append(flag ? '+' : '-');
    return this;
  }

  Canonical add(LabelSelector selector) {
    add(selector.requirements().size());
    for (LabelSelector.Requirement requirement : selector.requirements()) {
      add(requirement.key()).add(requirement.operator().name()).add(requirement.values().size());
      requirement.values().forEach(this::add);
    }
    return this;
  }

  Canonical add(NamedPort port) {
    return add(port.name()).add(port.protocol().number()).add(port.port());
  }

  Canonical add(PortRange range) {
    return add(range.protocol().number()).add(range.from()).add(range.to());
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
