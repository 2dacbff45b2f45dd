// SPDX-License-Identifier: Apache-2.0
package io.millrace.takeover;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A table as {@code iptables-save} prints it.
 *
 * @param name for example {@code nat}
 * @param policies chain → its policy, {@code -} for those of users
 * @param rules in order
 */
record IptablesTable(String name, Map<String, String> policies, List<Rule> rules) {
  /**
   * A rule.
   *
   * @param chain the one that it stands in
   * @param spec all that follows the chain's name, as printed
   * @param target the chain or verdict that it leads to; empty if it leads nowhere
   */
  record Rule(String chain, String spec, String target) {}

  static List<IptablesTable> parse(String saved) {
    List<IptablesTable> tables = new ArrayList<>();
    for (String line : saved.lines().toList()) {
      if (line.startsWith("*")) {
        tables.add(new IptablesTable(line.substring(1), new LinkedHashMap<>(), new ArrayList<>()));
      } else if (!tables.isEmpty()) {
        tables.get(tables.size() - 1).add(line);
      }
    }
    return tables;
  }

  private void add(String line) {
    if (line.startsWith(":")) {
      String[] words = line.substring(1).split(" ", 3);
      policies.put(words[0], words.length > 1 ? words[1] : "-");
    } else if (line.startsWith("-A ")) {
      String[] words = line.split(" ", 3);
      String spec = words.length > 2 ? words[2] : "";
      rules.add(new Rule(words[1], spec, target(spec).orElse("")));
    }
  }

  boolean isBuiltIn(String chain) {
    return !policies.getOrDefault(chain, "-").equals("-");
  }

  /** What follows {@code -j} or {@code -g}, outside of quotes. */
  private static Optional<String> target(String spec) {
    List<String> words = words(spec);
    for (int i = 0; i + 1 < words.size(); i++) {
      if (words.get(i).equals("-j") || words.get(i).equals("-g")) {
        return Optional.of(words.get(i + 1));
      }
    }
    return Optional.empty();
  }

  /** What stands in quotes is one word, and none that means anything here. */
  private static List<String> words(String spec) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < spec.length(); i++) {
      char c = spec.charAt(i);
      if (c == '\\' && quoted && i + 1 < spec.length()) {
        word.append(spec.charAt(++i));
      } else if (c == '"') {
        quoted = !quoted;
        word.append(c);
      } else if (c == ' ' && !quoted) {
        words.add(word.toString());
        word.setLength(0);
      } else {
        word.append(c);
      }
    }
    words.add(word.toString());
    return words;
  }
}
