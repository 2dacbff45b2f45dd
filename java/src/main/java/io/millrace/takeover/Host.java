// SPDX-License-Identifier: Apache-2.0
package io.millrace.takeover;

import java.io.IOException;
import java.util.List;

/** The node as its own tools and files show it. */
public interface Host {
  /** Whether there is such a command. */
  boolean has(String command);

  /**
   * Runs a command to its end.
   *
   * @param input what it reads
   */
  Outcome run(List<String> command, String input) throws IOException;

  /** The text of a file; empty if there is none. */
  String read(String path);

  /** The names in a folder; empty if there is none. */
  List<String> list(String folder);

  /** Where a link leads; empty if it is none, or is gone. */
  String link(String path);

  /** What is answered at this address, by HTTP; empty if nothing is. */
  String get(String url);

  /**
   * How a command has ended.
   *
   * @param status 0 = it did what it should
   * @param output what it wrote
   * @param error what it complained of
   */
  record Outcome(int status, String output, String error) {}
}
