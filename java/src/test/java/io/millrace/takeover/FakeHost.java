// SPDX-License-Identifier: Apache-2.0
package io.millrace.takeover;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A node made of words. */
final class FakeHost implements Host {
  final Set<String> commands = new HashSet<>();
  final Map<String, String> outputs = new HashMap<>();
  final Map<String, String> files = new HashMap<>();
  final Map<String, List<String>> folders = new HashMap<>();
  final Map<String, String> links = new HashMap<>();
  final Map<String, String> urls = new HashMap<>();
  final List<String> ran = new ArrayList<>();
  final Set<String> failing = new HashSet<>();

  FakeHost says(String command, String output) {
    commands.add(command.split(" ", 2)[0]);
    outputs.put(command, output);
    return this;
  }

  @Override
  public boolean has(String command) {
    return commands.contains(command);
  }

  @Override
  public Outcome run(List<String> command, String input) {
    String line = String.join(" ", command);
    ran.add(line + (input.isEmpty() ? "" : " < " + input));
    return failing.contains(command.get(0))
        ? new Outcome(1, "", "it does not want to")
        : new Outcome(0, outputs.getOrDefault(line, ""), "");
  }

  @Override
  public String read(String path) {
    return files.getOrDefault(path, "");
  }

  @Override
  public List<String> list(String folder) {
    return folders.getOrDefault(folder, List.of());
  }

  @Override
  public String link(String path) {
    return links.getOrDefault(path, "");
  }

  @Override
  public String get(String url) {
    return urls.getOrDefault(url, "");
  }
}
