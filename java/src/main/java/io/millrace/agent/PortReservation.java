// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import io.millrace.agent.AgentConfig.PortRange;
import io.millrace.model.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the kernel from giving ports of the SNAT range to sockets of this host: a reply to such a
 * socket could be taken for one to a translated flow.
 */
final class PortReservation {
  private static final Logger log = LoggerFactory.getLogger(PortReservation.class);

  /** More than the kernel says of 65,536 ports at once. */
  private static final int MAX_SETTING_BYTES = 1 << 19;

  private final Path settings;

  /**
   * @param settings normally {@code /proc/sys/net/ipv4}, which is that of our network namespace
   */
  PortReservation(Path settings) {
    this.settings = settings;
  }

  /** Reserves what overlaps; returns what is wrong if that fails. */
  List<Problem> reserve(PortRange range) {
    Path reservedFile = settings.resolve("ip_local_reserved_ports");
    try {
      if (!overlapsEphemeral(range)) {
        return List.of();
      }
      List<PortRange> reserved = parse(read(reservedFile));
      if (covered(reserved, range)) {
        return List.of();
      }
      reserved.add(range);
      Files.writeString(reservedFile, format(reserved));
      log.info("reserved ports for SNAT range={} setting={}", range, reservedFile);
      return List.of();
    } catch (IOException e) {
      return List.of(
          new Problem(
              "",
              "--snat-ports " + range,
              "",
              "overlaps net.ipv4.ip_local_port_range and cannot be reserved ("
                  + e.getMessage()
                  + "): add it to net.ipv4.ip_local_reserved_ports, or choose another range"));
    }
  }

  private boolean overlapsEphemeral(PortRange range) throws IOException {
    String[] ephemeral = read(settings.resolve("ip_local_port_range")).trim().split("\\s+", 2);
    if (ephemeral.length != 2) {
      throw new IOException("ip_local_port_range is no pair of numbers");
    }
    return range.min() <= Integer.parseInt(ephemeral[1])
        && Integer.parseInt(ephemeral[0]) <= range.max();
  }

  /** In one read: the kernel has nothing to say at any offset but 0. */
  private static String read(Path setting) throws IOException {
    try (InputStream in = Files.newInputStream(setting)) {
      byte[] text = new byte[MAX_SETTING_BYTES];
      int length = in.read(text);
      return new String(text, 0, Math.max(0, length), StandardCharsets.US_ASCII);
    }
  }

  private static List<PortRange> parse(String text) {
    List<PortRange> ranges = new ArrayList<>();
    for (String part : text.trim().split(",", -1)) {
      if (!part.isEmpty()) {
        String[] ends = part.split("-", 2);
        ranges.add(
            new PortRange(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1])));
      }
    }
    return ranges;
  }

  /** The kernel merges neighbours, so a range that is covered is within one. */
  private static boolean covered(List<PortRange> reserved, PortRange range) {
    return reserved.stream().anyMatch(r -> r.min() <= range.min() && range.max() <= r.max());
  }

  private static String format(List<PortRange> ranges) {
    return String.join(",", ranges.stream().map(PortRange::toString).toList()) + "\n";
  }
}
