// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile;

import io.millrace.model.Ip;
import io.millrace.model.Protocol;

/**
 * Where clients connect to: a key of svcs4 or svcs6.
 *
 * @param port 0 for the address as such
 * @param protocol IPPROTO_*, 0 for the address as such
 */
public record Frontend(Ip ip, int port, int protocol) implements Comparable<Frontend> {
  /** The entry that is found when no port of {@code ip} matches. */
  public static Frontend address(Ip ip) {
    return new Frontend(ip, 0, 0);
  }

  public boolean isAddress() {
    return port == 0 && protocol == 0;
  }

  @Override
  public int compareTo(Frontend other) {
    int order = ip.compareTo(other.ip);
    if (order == 0) {
      order = Integer.compare(port, other.port);
    }
    return order != 0 ? order : Integer.compare(protocol, other.protocol);
  }

  @Override
  public int hashCode() {
    return (ip.hashCode() * 31 + port) * 31 + protocol;
  }

  /** {@code 10.96.0.10:53/UDP}, {@code [fd00::1]:80/TCP}, {@code 10.96.0.10}. */
  @Override
  public String toString() {
    if (isAddress()) {
      return ip.toString();
    }
    Protocol name = Protocol.ofNumber(protocol);
    return (ip.isV4() ? ip.toString() : "[" + ip + "]")
        + ":"
        + port
        + "/"
        + (name == null ? Integer.toString(protocol) : name.toString());
  }
}
