// SPDX-License-Identifier: Apache-2.0
package io.millrace.takeover;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

final class KubeProxyRulesTest {
  private final FakeHost host = new FakeHost();

  @Test
  void aNodeWithoutRulesHasNobodyWhoServes() throws IOException {
    assertThat(KubeProxyRules.any(host)).isFalse();
    host.says("iptables-save -t nat", "*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n");
    host.says("nft list table ip kube-proxy", "");
    assertThat(KubeProxyRules.any(host)).isFalse();
  }

  @Test
  void addressesAreFoundWhole() throws IOException {
    host.says("iptables-save -t nat", "-A KUBE-SERVICES -d 10.96.0.10/32 -j KUBE-SVC-AAAA\n");
    host.says(
        "nft list table ip6 kube-proxy",
        "table ip6 kube-proxy {\n elements = { fd00:96::10 . tcp . 80 : goto service-x }\n}\n");
    assertThat(KubeProxyRules.any(host)).isTrue();
    assertThat(
            KubeProxyRules.missing(
                host, List.of("10.96.0.10", "10.96.0.1", "0.96.0.10", "fd00:96::10", "fd00:96::1")))
        .containsExactly("10.96.0.1", "0.96.0.10", "fd00:96::1");
  }

  @Test
  void everyModeCounts() throws IOException {
    host.says("ip address show dev kube-ipvs0", "inet 10.96.0.1/32 scope global kube-ipvs0\n");
    host.files.put("/proc/net/ip_vs", "IP Virtual Server\n");
    assertThat(KubeProxyRules.any(host)).isTrue();
    assertThat(KubeProxyRules.missing(host, List.of("10.96.0.1"))).isEmpty();
  }
}
