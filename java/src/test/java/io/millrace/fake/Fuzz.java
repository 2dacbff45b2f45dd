// SPDX-License-Identifier: Apache-2.0
package io.millrace.fake;

import java.util.concurrent.TimeUnit;

/**
 * How long a test with random input goes on: so many rounds, or as many seconds as {@code
 * -Dmillrace.fuzz.seconds} says. {@code -Dmillrace.fuzz.seed} brings other numbers.
 */
public final class Fuzz {
  private final long rounds;
  private final long endNs;
  private long done;

  /**
   * @param rounds if nobody says otherwise
   */
  public Fuzz(long rounds) {
    long seconds = Long.getLong("millrace.fuzz.seconds", 0);
    this.rounds = seconds > 0 ? Long.MAX_VALUE : rounds;
    // Three tests share the time.
    endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds) / 3;
  }

  /** Of all random numbers. */
  public static long seed() {
    return Long.getLong("millrace.fuzz.seed", 1);
  }

  public boolean goesOn() {
    boolean on = rounds == Long.MAX_VALUE ? System.nanoTime() < endNs : done < rounds;
    done += on ? 1 : 0;
    return on;
  }

  /** For {@code deploy/verify fuzz}. */
  @SuppressWarnings("SystemOut")
  public void tell(String what, String more) {
    System.out.printf("fuzz-figure %s: %d, %s%n", what, done, more);
  }
}
