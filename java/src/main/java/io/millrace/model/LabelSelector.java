// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Selects by labels: all requirements must hold, and without any it selects everything.
 *
 * @param requirements in a canonical order, each once: what says the same in the same way is equal
 */
public record LabelSelector(List<Requirement> requirements) {
  /** Selects everything. */
  public static final LabelSelector ALL = new LabelSelector(List.of());

  public LabelSelector {
    requirements = requirements.stream().distinct().sorted().toList();
  }

  public static LabelSelector of(Collection<Requirement> requirements) {
    return requirements.isEmpty() ? ALL : new LabelSelector(List.copyOf(requirements));
  }

  /** What a requirement asks of a label. */
  public enum Operator {
    /** It is there with one of the values; {@code matchLabels} is this with one. */
    IN("in"),
    /** It is not there, or has another value. */
    NOT_IN("not in"),
    EXISTS("exists"),
    DOES_NOT_EXIST("does not exist");

    private final String text;

    Operator(String text) {
      this.text = text;
    }
  }

  /**
   * One condition.
   *
   * @param values in order, each once; none for EXISTS and DOES_NOT_EXIST
   */
  public record Requirement(String key, Operator operator, List<String> values)
      implements Comparable<Requirement> {
    private static final Comparator<Requirement> ORDER =
        Comparator.comparing(Requirement::key)
            .thenComparing(Requirement::operator)
            .thenComparing(requirement -> requirement.values().toString());

    public Requirement {
      values = values.stream().distinct().sorted().toList();
    }

    boolean holds(Map<String, String> labels) {
      String value = labels.get(key);
      return switch (operator) {
        case IN -> value != null && values.contains(value);
        case NOT_IN -> value == null || !values.contains(value);
        case EXISTS -> value != null;
        case DOES_NOT_EXIST -> value == null;
      };
    }

    @Override
    public int compareTo(Requirement other) {
      return ORDER.compare(this, other);
    }

    /** {@code app=web}, {@code app in (a, b)}, {@code app exists}. */
    @Override
    public String toString() {
      if (operator == Operator.IN && values.size() == 1) {
        return key + "=" + values.get(0);
      }
      String what = key + " " + operator.text;
      return values.isEmpty() ? what : what + " (" + String.join(", ", values) + ")";
    }
  }

  public boolean selects(Map<String, String> labels) {
    for (Requirement requirement : requirements) {
      if (!requirement.holds(labels)) {
        return false;
      }
    }
    return true;
  }

  /** For people; empty if it selects everything. */
  @Override
  public String toString() {
    return requirements.stream().map(Requirement::toString).collect(Collectors.joining(", "));
  }
}
