// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.manifest;

import java.util.HashMap;
import java.util.Map;

/** Lets equal names of nodes, namespaces and ports be one string. Bounded. */
final class Interner {
  private static final int LIMIT = 16_384;

  private final Map<String, String> known = new HashMap<>();

  String of(String text) {
    if (text.isEmpty()) {
      return "";
    }
    String same = known.get(text);
    if (same != null) {
      return same;
    }
    if (known.size() >= LIMIT) {
      known.clear();
    }
    known.put(text, text);
    return text;
  }
}
