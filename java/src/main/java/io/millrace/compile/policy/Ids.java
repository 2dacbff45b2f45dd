// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile.policy;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Names contents by their hash. Two contents with one name must not happen; where they do, {@link
 * Collision} says so and all contents are named anew with another salt. So names are a function of
 * the contents alone, whatever agent gives them.
 */
final class Ids {
  private final int salt;
  private final long mask;
  private final MessageDigest digest;

  /**
   * @param mask of the bits that names use; tests have few
   */
  Ids(int salt, long mask) {
    this.salt = salt;
    this.mask = mask;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** Two different contents have the same name. */
  static final class Collision extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Collision(String what) {
      super(what, null, false, false);
    }
  }

  /** Never 0. */
  long of(String kind, String content) {
    long id = hash(kind + salt + content) & mask;
    return id == 0 ? 1 : id;
  }

  /** As {@link #of}, in 32 bits. */
  int shortOf(String kind, String content) {
    int id = (int) of(kind, content);
    return id == 0 ? 1 : id;
  }

  /** Of a text alone, whatever the salt. */
  long hash(String text) {
    byte[] chars = new byte[2 * text.length()];
    for (int i = 0; i < text.length(); i++) {
      chars[2 * i] = (byte) (text.charAt(i) >>> 8);
      chars[2 * i + 1] = (byte) text.charAt(i);
    }
    byte[] hash = digest.digest(chars);
    long value = 0;
    for (int i = 0; i < Long.BYTES; i++) {
      value = value << 8 | (hash[i] & 0xff);
    }
    return value;
  }
}
