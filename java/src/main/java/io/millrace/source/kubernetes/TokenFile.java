// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.kubernetes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A token that somebody else renews in its file. It is read for every request: those are few, and
 * so a new token counts at once.
 */
final class TokenFile {
  private final Path file;
  private String last = "";

  TokenFile(Path file) {
    this.file = file;
  }

  /** The token; the last one while the file cannot be read. */
  synchronized String token() {
    try {
      String token = Files.readString(file).strip();
      last = token.isEmpty() ? last : token;
    } catch (IOException e) {
      return last; // being swapped: the server says if the last one is too old
    }
    return last;
  }
}
