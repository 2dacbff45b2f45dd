// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** What a view prints. */
final class Printed {
  private Printed() {}

  interface Printer {
    void print(PrintStream out) throws IOException;
  }

  static String text(Printer printer) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintStream out = new PrintStream(bytes, false, StandardCharsets.UTF_8)) {
      printer.print(out);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
