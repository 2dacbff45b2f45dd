// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile.policy;

/** Rules of a set, each a bit: bit i is {@code 1 << i % 64} of word i / 64. */
public record Bits(long word0, long word1, long word2, long word3) {
  /** How many rules a set has room for. */
  public static final int SIZE = 256;

  /** No rule. */
  public static final Bits NONE = new Bits(0, 0, 0, 0);

  /** One rule, 0 … {@link #SIZE} - 1. */
  public static Bits of(int bit) {
    long word = 1L << bit % 64;
    return switch (bit / 64) {
      case 0 -> new Bits(word, 0, 0, 0);
      case 1 -> new Bits(0, word, 0, 0);
      case 2 -> new Bits(0, 0, word, 0);
      case 3 -> new Bits(0, 0, 0, word);
      default -> throw new IndexOutOfBoundsException(bit);
    };
  }

  /** One of the four words. */
  public long word(int at) {
    return switch (at) {
      case 0 -> word0;
      case 1 -> word1;
      case 2 -> word2;
      case 3 -> word3;
      default -> throw new IndexOutOfBoundsException(at);
    };
  }

  public boolean has(int bit) {
    return (word(bit / 64) >>> bit % 64 & 1) != 0;
  }

  public boolean isNone() {
    return (word0 | word1 | word2 | word3) == 0;
  }

  /** The rules of either. */
  public Bits or(Bits other) {
    return new Bits(
        word0 | other.word0, word1 | other.word1, word2 | other.word2, word3 | other.word3);
  }

  /** The rules of both. */
  public Bits and(Bits other) {
    return new Bits(
        word0 & other.word0, word1 & other.word1, word2 & other.word2, word3 & other.word3);
  }

  /** The lowest rule; -1 if there is none. */
  public int first() {
    for (int at = 0; at < SIZE / 64; at++) {
      if (word(at) != 0) {
        return at * 64 + Long.numberOfTrailingZeros(word(at));
      }
    }
    return -1;
  }

  /** For example {@code {0, 7}}. */
  @Override
  public String toString() {
    StringBuilder out = new StringBuilder("{");
    for (int bit = 0; bit < SIZE; bit++) {
      if (has(bit)) {
        out.append(out.length() == 1 ? "" : ", ").append(bit);
      }
    }
    return out.append('}').toString();
  }
}
