// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import picocli.CommandLine.Option;

/** How to print: {@code -o}. */
final class OutputOption {
  enum Format {
    TABLE,
    JSON
  }

  @Option(
      names = {"-o", "--output"},
      paramLabel = "table|json",
      defaultValue = "table",
      description = "Output format (default: ${DEFAULT-VALUE}).")
  Format format = Format.TABLE;

  boolean json() {
    return format == Format.JSON;
  }
}
