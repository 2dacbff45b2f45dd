// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.object;

import io.millrace.model.LabelSelector;
import io.millrace.model.PodState;
import io.millrace.model.SliceState;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Lets equal names of nodes, namespaces and ports be one string, and equal hints, labels, ports and
 * selectors one object: the pods of a workload share what they have in common. Bounded.
 */
final class Interner {
  private static final int LIMIT = 16_384;

  private final Map<String, String> names = new HashMap<>();
  private final Map<SliceState.Hints, SliceState.Hints> hints = new HashMap<>();
  private final Map<Map<String, String>, Map<String, String>> labels = new HashMap<>();
  private final Map<List<PodState.NamedPort>, List<PodState.NamedPort>> ports = new HashMap<>();
  private final Map<LabelSelector, LabelSelector> selectors = new HashMap<>();

  String of(String text) {
    return text.isEmpty() ? "" : same(names, text);
  }

  SliceState.Hints of(SliceState.Hints value) {
    return same(hints, value);
  }

  List<PodState.NamedPort> of(List<PodState.NamedPort> value) {
    return same(ports, value);
  }

  LabelSelector of(LabelSelector value) {
    return same(selectors, value);
  }

  Map<String, String> of(Map<String, String> value) {
    Map<String, String> known = labels.get(value);
    if (known != null) {
      return known;
    }
    Map<String, String> copy = new HashMap<>();
    value.forEach((key, text) -> copy.put(of(key), of(text)));
    return same(labels, Map.copyOf(copy));
  }

  private static <T> T same(Map<T, T> known, T value) {
    T same = known.get(value);
    if (same != null) {
      return same;
    }
    if (known.size() >= LIMIT) {
      known.clear();
    }
    known.put(value, value);
    return value;
  }
}
