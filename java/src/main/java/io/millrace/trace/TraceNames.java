// SPDX-License-Identifier: Apache-2.0
package io.millrace.trace;

import io.millrace.bpf.abi.FlowFlag;
import io.millrace.model.ClusterImage;
import io.millrace.model.Ip;
import io.millrace.model.PodState;
import io.millrace.model.ServicePortKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What numbers are called. */
final class TraceNames {
  private static final int FLAG_BITS = 16;

  private TraceNames() {}

  /** The pod with this address, if it has a network of its own; null if none is known. */
  static @Nullable PodState podOf(ClusterImage image, Ip ip) {
    for (PodState pod : image.pods().values()) {
      if (!pod.hostNetwork() && pod.ips().contains(ip)) {
        return pod;
      }
    }
    return null;
  }

  /** {@code namespace/name:port}. */
  static String port(ServicePortKey key) {
    return key.service() + (key.port().isEmpty() ? "" : ":" + key.port());
  }

  /** A constant of {@code abi.h} without prefix, in lower case. */
  static String plain(String name, String prefix) {
    return name.startsWith(prefix)
        ? name.substring(prefix.length()).toLowerCase(Locale.ROOT)
        : name;
  }

  static List<String> flowFlags(int flags) {
    List<String> names = new ArrayList<>();
    for (int bit = 1; bit < 1 << FLAG_BITS; bit <<= 1) {
      if ((flags & bit) != 0) {
        names.add(plain(FlowFlag.name(bit), "FLOW_"));
      }
    }
    return names;
  }

  /** Six bytes as text; empty if all are zero. */
  static String mac(byte[] mac) {
    StringBuilder text = new StringBuilder();
    boolean any = false;
    for (byte part : mac) {
      any |= part != 0;
      text.append(text.isEmpty() ? "" : ":").append(String.format("%02x", part));
    }
    return any ? text.toString() : "";
  }
}
