// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Fields of a KubeProxyConfiguration that have no meaning here. */
final class ForeignFields {
  /** Their names, and below those that end with a dot everything. */
  private static final Set<String> NAMES =
      Stream.of(
              within("clientConnection", "acceptContentTypes", "burst", "contentType", "qps"),
              within("conntrack", "maxPerCore", "min", "tcpBeLiberal"),
              within("detectLocal", "bridgeInterface", "interfaceNamePrefix"),
              within("iptables", "localhostNodePorts", "masqueradeAll", "masqueradeBit"),
              within("iptables", "minSyncPeriod", "snatNodeInternalIP", "syncPeriod"),
              within("ipvs", "excludeCIDRs", "minSyncPeriod", "scheduler", "strictARP"),
              within("ipvs", "syncPeriod", "tcpFinTimeout", "tcpTimeout", "udpTimeout"),
              within("nftables", "masqueradeAll", "masqueradeBit", "minSyncPeriod", "syncPeriod"),
              Stream.of("configSyncPeriod", "enableProfiling", "portRange", "udpIdleTimeout"),
              Stream.of("showHiddenMetricsForVersion", "windowsRunAsService"),
              Stream.of("featureGates.", "logging.", "winkernel."))
          .flatMap(each -> each)
          .collect(Collectors.toUnmodifiableSet());

  /** What kube-proxy does by default, when a file says so. Nothing at all is a default, too. */
  private static final Map<String, Set<String>> DEFAULTS =
      Map.ofEntries(
          Map.entry("clientConnection.burst", Set.of("10")),
          Map.entry("clientConnection.contentType", Set.of("application/vnd.kubernetes.protobuf")),
          Map.entry("clientConnection.qps", Set.of("5", "5.0")),
          Map.entry("conntrack.maxPerCore", Set.of("32768")),
          Map.entry("conntrack.min", Set.of("131072")),
          Map.entry("iptables.masqueradeBit", Set.of("14")),
          Map.entry("iptables.minSyncPeriod", Set.of("1s")),
          Map.entry("iptables.syncPeriod", Set.of("30s")),
          Map.entry("ipvs.syncPeriod", Set.of("30s")),
          Map.entry("nftables.masqueradeBit", Set.of("14")),
          Map.entry("nftables.minSyncPeriod", Set.of("1s")),
          Map.entry("nftables.syncPeriod", Set.of("30s")),
          Map.entry("configSyncPeriod", Set.of("15m", "15m0s")),
          Map.entry("logging.flushFrequency", Set.of("5s", "5000000000")),
          Map.entry("logging.format", Set.of("text")));

  /** What says nothing, in any field. */
  private static final Set<String> NOTHING = Set.of("", "0", "0s", "0.0", "false");

  private ForeignFields() {}

  private static Stream<String> within(String section, String... names) {
    return Stream.of(names).map(name -> section + "." + name);
  }

  /** Whether kube-proxy knows the field at that path. */
  static boolean isKnown(String path) {
    return NAMES.contains(path) || isBelow(path);
  }

  /** Whether it holds other fields that are named one by one. */
  static boolean isSection(String path) {
    return NAMES.stream().anyMatch(name -> name.startsWith(path + ".")) || isBelow(path);
  }

  private static boolean isBelow(String path) {
    return NAMES.stream().anyMatch(name -> name.endsWith(".") && path.startsWith(name));
  }

  /** Whether leaving the field out would mean the same to kube-proxy. */
  static boolean saysNothing(String path, JsonNode value) {
    if (path.equals("iptables.localhostNodePorts")) {
      return value.isNull() || value.asText().equals("true");
    }
    if (value.isContainerNode()) {
      return value.isEmpty();
    }
    String text = value.asText();
    return value.isNull()
        || NOTHING.contains(text)
        || DEFAULTS.getOrDefault(path, Set.of()).contains(text);
  }
}
