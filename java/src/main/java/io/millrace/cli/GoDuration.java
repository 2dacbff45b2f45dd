// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as Go writes them: {@code 24h0m0s}, {@code 1.5h}, {@code 300ms}, {@code 0}. */
final class GoDuration {
  private static final Pattern PART =
      Pattern.compile("(\\d{1,9}(?:\\.\\d{1,9})?)(h|ms|m|s|us|µs|ns)");
  private static final Map<String, BigDecimal> SECONDS =
      Map.of(
          "h", BigDecimal.valueOf(3600),
          "m", BigDecimal.valueOf(60),
          "s", BigDecimal.ONE,
          "ms", new BigDecimal("1e-3"),
          "us", new BigDecimal("1e-6"),
          "µs", new BigDecimal("1e-6"),
          "ns", new BigDecimal("1e-9"));

  private GoDuration() {}

  /** In seconds, rounded up; empty if it is no duration, or less than nothing. */
  static OptionalLong seconds(String text) {
    if (text.equals("0")) {
      return OptionalLong.of(0);
    }
    BigDecimal sum = BigDecimal.ZERO;
    Matcher part = PART.matcher(text);
    int at = 0;
    while (part.find() && part.start() == at) {
      BigDecimal unit = SECONDS.getOrDefault(part.group(2), BigDecimal.ZERO);
      sum = sum.add(new BigDecimal(part.group(1)).multiply(unit));
      at = part.end();
    }
    return at == 0 || at < text.length()
        ? OptionalLong.empty()
        : OptionalLong.of(sum.setScale(0, RoundingMode.CEILING).longValueExact());
  }
}
