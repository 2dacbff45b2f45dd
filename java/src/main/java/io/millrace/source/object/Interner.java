// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.object;

import io.millrace.model.SliceState;
import java.util.HashMap;
import java.util.Map;

/**
 * Lets equal names of nodes, namespaces and ports be one string, and equal hints one object.
 * Bounded.
 */
final class Interner {
  private static final int LIMIT = 16_384;

  private final Map<String, String> names = new HashMap<>();
  private final Map<SliceState.Hints, SliceState.Hints> hints = new HashMap<>();

  String of(String text) {
    return text.isEmpty() ? "" : same(names, text);
  }

  SliceState.Hints of(SliceState.Hints value) {
    return same(hints, value);
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
