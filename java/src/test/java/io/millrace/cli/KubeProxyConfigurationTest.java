// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.cli.KubeProxyConfiguration.BadFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What of kube-proxy's configuration files becomes an option, and what becomes of the rest. */
class KubeProxyConfigurationTest {
  private static final String HEAD =
      "{apiVersion: kubeproxy.config.k8s.io/v1alpha1, kind: KubeProxyConfiguration, ";

  @TempDir Path dir;

  private KubeProxyConfiguration read(String text) throws BadFileException, IOException {
    Path file = dir.resolve("config.conf");
    Files.writeString(file, text);
    return KubeProxyConfiguration.read(file);
  }

  /** A file with this and nothing else. */
  private KubeProxyConfiguration with(String fields) throws BadFileException, IOException {
    return read(HEAD + fields + "}");
  }

  private static Map<String, String> options(KubeProxyConfiguration config) {
    return config.settings().entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().value()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "clientConnection: {kubeconfig: /a/b}      | --kubeconfig              | /a/b",
        "hostnameOverride: Node-A                  | --node-name               | Node-A",
        "clusterCIDR: '10.0.0.0/8,fd00::/48'       | --cluster-cidr            | 10.0.0.0/8,fd00::/48",
        "nodePortAddresses: [10.0.0.0/8, 'f::/16'] | --node-port-addresses     | 10.0.0.0/8,f::/16",
        "nodePortAddresses: [primary]              | --node-port-addresses     | primary",
        "nodePortAddresses: [localhost]            | --node-port-addresses     | 127.0.0.0/8,::1/128",
        "healthzBindAddress: '1.2.3.4:10'          | --healthz-bind-address    | 1.2.3.4:10",
        "metricsBindAddress: 0.0.0.0               | --metrics-bind-address    | 0.0.0.0",
        "bindAddress: '::'                         | --metrics-bind-address    | [::1]:10249",
        "bindAddressHardFail: true                 | --bind-address-hard-fail  | on",
        "bindAddressHardFail: false                | --bind-address-hard-fail  | off",
        "conntrack: {tcpEstablishedTimeout: 24h0m0s} | --timeout-tcp-established | 86400",
        "conntrack: {tcpCloseWaitTimeout: 1h}      | --timeout-tcp-closing     | 3600",
        "conntrack: {udpTimeout: 1500ms}           | --timeout-udp-new         | 2",
        "conntrack: {udpStreamTimeout: 2m30s}      | --timeout-udp-established | 150",
        "oomScoreAdj: -999                         | --oom-score-adj           | -999",
        "'detectLocalMode: InterfaceNamePrefix, detectLocal: {interfaceNamePrefix: cali}'"
            + " | --pod-interfaces | \\Qcali\\E.*",
      })
  void whatHasAMeaningBecomesAnOption(String fields, String option, String value) throws Exception {
    KubeProxyConfiguration config = with(fields); // S-078, S-091, S-166, S-176
    assertThat(options(config)).containsExactly(Map.entry(option, value));
    assertThat(config.ignored()).isEmpty();
    assertThat(config.unknown()).isEmpty();
    assertThat(config.settings().values())
        .allSatisfy(setting -> assertThat(fields).contains(last(setting.field())));
  }

  private static String last(String path) {
    return path.substring(path.lastIndexOf('.') + 1);
  }

  @Test
  void whatBothSayWinsOverWhatOneSays() throws Exception {
    String both = "bindAddress: '::', metricsBindAddress: 'f::1'";
    assertThat(options(with(both))).containsEntry("--metrics-bind-address", "f::1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mode: nftables",
        "bindAddress: 192.0.2.1",
        "detectLocalMode: BridgeInterface",
        "clientConnection: {qps: 50}",
        "clientConnection: {burst: 100}",
        "clientConnection: {contentType: application/json}",
        "clientConnection: {acceptContentTypes: application/json}",
        "conntrack: {maxPerCore: 1000}",
        "conntrack: {min: 1000}",
        "conntrack: {tcpBeLiberal: true}",
        "detectLocal: {bridgeInterface: cbr0}",
        "detectLocal: {interfaceNamePrefix: cali}",
        "iptables: {localhostNodePorts: false}",
        "iptables: {masqueradeAll: true}",
        "iptables: {masqueradeBit: 15}",
        "iptables: {syncPeriod: 1m}",
        "iptables: {minSyncPeriod: 5s}",
        "iptables: {snatNodeInternalIP: true}",
        "nftables: {masqueradeAll: true}",
        "nftables: {minSyncPeriod: 5s}",
        "ipvs: {scheduler: sh}",
        "ipvs: {excludeCIDRs: [10.0.0.0/8]}",
        "ipvs: {strictARP: true}",
        "ipvs: {tcpTimeout: 1m}",
        "portRange: 100-200",
        "configSyncPeriod: 1m",
        "enableProfiling: true",
        "showHiddenMetricsForVersion: 1.30",
        "windowsRunAsService: true",
        "featureGates: {SomeGate: true}",
        "logging: {verbosity: 4}",
        "logging: {options: {json: {infoBufferSize: 4Ki}}}",
        "winkernel: {enableDSR: true}",
      })
  void whatHasNoMeaningIsNamed(String fields) throws Exception { // S-076, S-167
    KubeProxyConfiguration config = with(fields);
    assertThat(config.settings()).isEmpty();
    assertThat(config.unknown()).isEmpty();
    assertThat(config.ignored()).containsExactly(path(fields));
  }

  /** {@code a: {b: c}} → {@code a.b}. */
  private static String path(String fields) {
    String[] parts = fields.replaceAll("[{}]", "").split(": ", -1);
    return String.join(".", java.util.Arrays.copyOf(parts, parts.length - 1));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mode: ''",
        "clusterCIDR: null",
        "nodePortAddresses: [all, 10.0.0.0/8]",
        "detectLocalMode: ClusterCIDR",
        "detectLocalMode: NodeCIDR",
        "bindAddress: 0.0.0.0",
        "healthzBindAddress: ''",
        "conntrack: {maxPerCore: 0, min: null, tcpEstablishedTimeout: 0s}",
        "conntrack: {maxPerCore: 32768, min: 131072, tcpBeLiberal: false}",
        "clientConnection: {qps: 5, burst: 10, kubeconfig: ''}",
        "iptables: {localhostNodePorts: true, masqueradeBit: 14, syncPeriod: 30s}",
        "iptables: {localhostNodePorts: null}",
        "iptables: null",
        "configSyncPeriod: 15m0s",
        "featureGates: {}",
      })
  void whatKubeProxyDoesByItselfIsNotNamed(String fields) throws Exception {
    KubeProxyConfiguration config = with(fields);
    assertThat(config.settings()).isEmpty();
    assertThat(config.ignored()).isEmpty();
    assertThat(config.unknown()).isEmpty();
  }

  @Test
  void whatNobodyKnowsIsNamed() throws Exception {
    KubeProxyConfiguration config =
        with("metadata: {name: config}, iptables: {syncPerod: 1s}, conntrack: {max: 1}");
    assertThat(config.unknown()).containsExactly("metadata", "iptables.syncPerod", "conntrack.max");
    assertThat(config.ignored()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "clusterCIDR: [10.0.0.0/8]            | clusterCIDR [\"10.0.0.0/8\"] is no text",
        "hostnameOverride: 7                  | hostnameOverride 7 is no text",
        "bindAddress: here                    | bindAddress here is no IP address",
        "bindAddressHardFail: 'yes'           | bindAddressHardFail \"yes\" is neither true nor false",
        "mode: userspace                      | mode userspace is none of iptables, ipvs and nftables",
        "nodePortAddresses: primary           | nodePortAddresses \"primary\" is no list",
        "'nodePortAddresses: [primary, all]'  | nodePortAddresses primary goes with nothing else",
        "conntrack: 5                         | conntrack 5 is no map of fields",
        "conntrack: {udpTimeout: 30}          | conntrack.udpTimeout 30 is no text",
        "conntrack: {udpTimeout: 30 s}        | conntrack.udpTimeout \"30 s\" is no duration",
        "conntrack: {udpTimeout: -1s}         | conntrack.udpTimeout \"-1s\" is no duration",
        "oomScoreAdj: low                     | oomScoreAdj \"low\" is no whole number",
        "oomScoreAdj: 99999999999             | oomScoreAdj 99999999999 is no whole number",
        "detectLocalMode: Magic               | detectLocalMode Magic is none of ClusterCIDR",
        "detectLocalMode: InterfaceNamePrefix | detectLocal.interfaceNamePrefix \"\" must be",
        "'mode: a, mode: b'                   | is no YAML, line 1: Duplicate",
      })
  void aBadValueNamesFileAndField(String fields, String message) {
    assertThatThrownBy(() -> with(fields))
        .isInstanceOf(BadFileException.class)
        .hasMessageStartingWith("--config " + dir.resolve("config.conf") + ": " + message);
  }

  @Test
  void otherFilesAreRefused() {
    assertThatThrownBy(() -> read("kind: KubeletConfiguration"))
        .hasMessageContaining("apiVersion and kind say  KubeletConfiguration, not kubeproxy");
    assertThatThrownBy(() -> read("# empty\n")).hasMessageContaining("kind say nothing, not");
    assertThatThrownBy(
            () ->
                read("apiVersion: kubeproxy.config.k8s.io/v1alpha2\nkind: KubeProxyConfiguration"))
        .hasMessageContaining("v1alpha2 KubeProxyConfiguration, not");
    assertThatThrownBy(() -> read(HEAD + "}\n---\n" + HEAD + "}"))
        .hasMessageContaining("has several documents");
    assertThatThrownBy(() -> KubeProxyConfiguration.read(dir.resolve("gone")))
        .hasMessageContaining("gone: is not there");
    assertThatThrownBy(() -> KubeProxyConfiguration.read(dir))
        .hasMessageContaining(": cannot be read");
  }

  /** All fields there are, most of them empty, as kubeadm puts them into its ConfigMap. */
  @Test
  void aFileOfKubeadmIsTaken() throws Exception {
    KubeProxyConfiguration config = read(Files.readString(resource("kubeadm.yaml")));
    assertThat(options(config))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "--kubeconfig", "/var/lib/kube-proxy/kubeconfig.conf",
                "--cluster-cidr", "10.244.0.0/16,fd00:10:244::/56",
                "--bind-address-hard-fail", "off"));
    assertThat(config.ignored()).isEmpty();
    assertThat(config.unknown()).isEmpty();
  }

  /** Of a cluster in containers, which leaves the host's conntrack alone. */
  @Test
  void aFileOfKindIsTaken() throws Exception {
    KubeProxyConfiguration config = read(Files.readString(resource("kind.yaml")));
    assertThat(options(config))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "--kubeconfig", "/var/lib/kube-proxy/kubeconfig.conf",
                "--cluster-cidr", "fd00:10:244::/56",
                "--metrics-bind-address", "[::1]:10249",
                "--bind-address-hard-fail", "off"));
    assertThat(config.ignored()).containsExactly("mode");
    assertThat(config.unknown()).isEmpty();
  }

  private static Path resource(String name) {
    return Path.of("java/src/test/resources/kube-proxy", name);
  }

  @ParameterizedTest
  @CsvSource({
    "24h0m0s,86400",
    "1h30m,5400",
    "1.5h,5400",
    "0,0",
    "0s,0",
    "1ms,1",
    "2us,1",
    "1m0.5s,61",
    "5µs,1"
  })
  void durationsAreGos(String text, long seconds) {
    assertThat(GoDuration.seconds(text)).hasValue(seconds);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "5", "s", "1s2", "1d", "-1s", "1 s", "1s ", "1.s", "x1s"})
  void othersAreNone(String text) {
    assertThat(GoDuration.seconds(text)).isEmpty();
  }
}
