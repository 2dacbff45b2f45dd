// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.manifest;

import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a YAML stream at its document markers, so that a document that cannot be read does not take
 * the others with it. A marker is {@code ---} or {@code ...} at the start of a line, which YAML
 * does not allow inside a document.
 */
final class Documents {
  private Documents() {}

  /**
   * One document.
   *
   * @param firstLine the line of the file that it begins with, from 1
   * @param hash of the text, to recognise what did not change
   */
  record Document(String text, int firstLine, long hash) {}

  /** The documents that say something. */
  static List<Document> split(String text) {
    List<Document> documents = new ArrayList<>();
    int start = 0;
    int startLine = 1;
    int line = 1;
    boolean content = false;
    for (int at = 0; at < text.length(); line++) {
      int end = text.indexOf('\n', at);
      end = end < 0 ? text.length() : end + 1;
      if (isMarker(text, at, end)) {
        add(documents, text, start, at, startLine, content);
        start = at + 3;
        startLine = line;
        content = hasContent(text, at + 3, end);
      } else {
        content = content || hasContent(text, at, end);
      }
      at = end;
    }
    add(documents, text, start, text.length(), startLine, content);
    return documents;
  }

  /** JSON has one document. */
  static List<Document> whole(String text) {
    return text.isBlank() ? List.of() : List.of(new Document(text, 1, hash(text)));
  }

  private static void add(
      List<Document> out, String text, int from, int to, int line, boolean content) {
    if (content) {
      String part = from == 0 && to == text.length() ? text : text.substring(from, to);
      out.add(new Document(part, line, hash(part)));
    }
  }

  private static boolean isMarker(String text, int at, int end) {
    if (!text.startsWith("---", at) && !text.startsWith("...", at)) {
      return false;
    }
    return at + 3 >= end || Character.isWhitespace(text.charAt(at + 3));
  }

  /** Whether a line says more than a comment or a directive. */
  private static boolean hasContent(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (!Character.isWhitespace(c)) {
        return c != '#' && !(c == '%' && i == from);
      }
    }
    return false;
  }

  /** 64 bits are enough: this guards against work, not against an adversary. */
  private static long hash(String text) {
    long hash = 0xcbf29ce484222325L ^ text.length();
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * 0x9e3779b97f4a7c15L;
      hash ^= hash >>> 29;
    }
    return hash;
  }
}
