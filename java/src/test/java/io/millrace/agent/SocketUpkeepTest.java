// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.admin.proto.Status;
import io.millrace.compile.NodeConfig;
import io.millrace.compile.NodeTables;
import io.millrace.fake.FakeDataplane;
import io.millrace.model.ClusterDelta;
import io.millrace.model.ClusterImage;
import io.millrace.reconcile.PolicyOptions;
import io.millrace.reconcile.SocketLb;
import io.millrace.source.manifest.Manifests;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * When the control thread tells that sockets have lost their endpoint (S-160, S-161, S-164): at
 * once, and again after the grace period, for a socket that was just about to be connected.
 */
final class SocketUpkeepTest {
  private static final long S = TimeUnit.SECONDS.toNanos(1);

  private final FakeDataplane kernel = new FakeDataplane();
  private final List<String> told = new ArrayList<>();
  private final SocketUpkeep listener =
      new SocketUpkeep() {
        @Override
        public void backendsGone(boolean v4, boolean v6) {
          told.add((v4 ? "4" : "") + (v6 ? "6" : "") + " after " + (nowNs - appliedNs) / S + " s");
        }

        @Override
        public void node(NodeTables tables) {}

        @Override
        public void describe(Status.Builder status) {}
      };
  private long nowNs = 5 * S;
  private long appliedNs;
  private KernelEngine engine = engine();
  private ClusterImage image = ClusterImage.EMPTY;

  private KernelEngine engine() {
    return new KernelEngine(
        NodeConfig.automatic("n1"),
        kernel,
        SocketLb.off("test"),
        PolicyOptions.OFF,
        listener,
        () -> nowNs);
  }

  /** Endpoints of a service with a port of each protocol; then everything that waits is done. */
  private List<String> endpoints(String... ips) {
    String yaml =
        """
        {apiVersion: v1, kind: Service, metadata: {name: web}, spec: {
          clusterIPs: [10.96.0.1, "fd00:96::1"],
          ports: [{name: u, protocol: UDP, port: 53}, {name: t, protocol: TCP, port: 80}]}}
        ---
        {apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: u, labels: {kubernetes.io/service-name: web}},
          addressType: IPv4, ports: [{name: u, protocol: UDP, port: 5353}], endpoints: [U]}
        ---
        {apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: t, labels: {kubernetes.io/service-name: web}},
          addressType: IPv4, ports: [{name: t, protocol: TCP, port: 8080}], endpoints: [T]}
        ---
        {apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: v6, labels: {kubernetes.io/service-name: web}},
          addressType: IPv6, ports: [{name: u, protocol: UDP, port: 5353}], endpoints: [V6]}
        """;
    String[] names = {"U", "T", "V6"};
    for (int i = 0; i < names.length; i++) {
      String list = ips[i].isEmpty() ? "" : "{addresses: [\"" + ips[i] + "\"]}";
      yaml = yaml.replace("[" + names[i] + "]", "[" + list + "]");
    }
    ClusterDelta delta = new ClusterDelta(image);
    Manifests.parse(yaml).forEach(delta::put);
    image = delta.apply();
    told.clear();
    appliedNs = nowNs;
    engine.apply(image, delta);
    for (int i = 0; i < 4; i++) {
      nowNs += S;
      engine.finish();
    }
    return List.copyOf(told);
  }

  @Test
  void aFirstRoundTellsInCaseTheAgentBeforeCouldNot() {
    assertThat(endpoints("10.1.1.1", "10.1.1.2", "fd00::1")).containsExactly("46 after 0 s");
    engine = engine();
    assertThat(endpoints("10.1.1.1", "10.1.1.2", "fd00::1")).containsExactly("46 after 0 s");
  }

  @Test
  void onlyRemovedUdpEndpointsAreToldByFamily() {
    endpoints("10.1.1.1", "10.1.1.2", "fd00::1");
    assertThat(endpoints("10.1.1.1", "10.1.1.2", "fd00::1")).isEmpty();
    assertThat(endpoints("10.1.1.1", "10.1.1.9", "fd00::1")).as("TCP").isEmpty();
    assertThat(endpoints("10.1.1.8", "10.1.1.9", "fd00::1"))
        .containsExactly("4 after 0 s", "4 after 1 s");
    assertThat(endpoints("10.1.1.8", "10.1.1.9", ""))
        .as("the last one")
        .containsExactly("6 after 0 s", "6 after 1 s");
    assertThat(endpoints("10.1.1.8", "10.1.1.9", "fd00::1")).as("added").isEmpty();
  }

  @Test
  void itIsToldAfterTheKernelKnows() {
    endpoints("10.1.1.1", "10.1.1.2", "fd00::1");
    kernel.afterWrite(map -> told.add(map));
    endpoints("", "10.1.1.2", "fd00::1");
    assertThat(told)
        .containsSubsequence("svcs4", "backends4", "4 after 0 s", "backends4", "4 after 1 s")
        .endsWith("backends4", "4 after 1 s");
  }
}
