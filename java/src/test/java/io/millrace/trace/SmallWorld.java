// SPDX-License-Identifier: Apache-2.0
package io.millrace.trace;

import io.millrace.compile.Compiler;
import io.millrace.compile.NodeConfig;
import io.millrace.compile.NodeTables;
import io.millrace.compile.PortProgram;
import io.millrace.compile.Target;
import io.millrace.compile.policy.PolicyTables;
import io.millrace.model.ClusterDelta;
import io.millrace.model.ClusterImage;
import io.millrace.model.HostState;
import io.millrace.model.Ip;
import io.millrace.model.ServicePortKey;
import io.millrace.source.manifest.Manifests;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Node n1 with an uplink eth0 and two pods on veths, n2 with a pod, and Services; ids by order. */
final class SmallWorld implements TraceWorld {
  static final int ETH0 = 2;
  static final int VETH_A = 5;
  static final int VETH_B = 6;

  /** The ServicePort of default/web. */
  static final int WEB = 7;

  private static final String CLUSTER =
      """
      {apiVersion: v1, kind: Pod, metadata: {name: a, namespace: default}, spec: {nodeName: n1},
       status: {phase: Running, podIPs: [{ip: 10.1.1.1}, {ip: 'fd00:1::1'}]}}
      ---
      {apiVersion: v1, kind: Pod, metadata: {name: b, namespace: default}, spec: {nodeName: n1},
       status: {phase: Running, podIPs: [{ip: 10.1.1.2}]}}
      ---
      {apiVersion: v1, kind: Pod, metadata: {name: starting, namespace: default},
       spec: {nodeName: n1}, status: {phase: Pending}}
      ---
      {apiVersion: v1, kind: Service, metadata: {name: web},
       spec: {clusterIPs: [10.96.0.1, 'fd00:96::1'], ports: [{name: http, port: 80}]}}
      ---
      {apiVersion: v1, kind: Service, metadata: {name: b},
       spec: {clusterIPs: [10.96.0.2], ports: [{port: 80}]}}
      ---
      {apiVersion: v1, kind: Service, metadata: {name: headless},
       spec: {clusterIP: None, ports: [{port: 80}]}}
      ---
      {apiVersion: discovery.k8s.io/v1, kind: EndpointSlice,
       metadata: {name: web-4, labels: {kubernetes.io/service-name: web}}, addressType: IPv4,
       ports: [{name: http, port: 8080}],
       endpoints: [{addresses: [10.1.1.2], nodeName: n1}, {addresses: [10.1.2.1], nodeName: n2}]}
      """;

  PolicyTables policies = PolicyTables.EMPTY;
  private final ClusterImage image;
  private final Compiler compiler = new Compiler(NodeConfig.automatic("n1"));

  SmallWorld() {
    ClusterDelta delta = new ClusterDelta(ClusterImage.EMPTY);
    Manifests.parse(CLUSTER).forEach(delta::put);
    delta.put(
        new HostState(
            List.of(
                link(ETH0, "eth0", ""),
                link(VETH_A, "vetha", "veth"),
                link(VETH_B, "vethb", "veth")),
            List.of(new HostState.Address(ETH0, Ip.parse("192.0.2.1"), 24, true)),
            List.of(
                new HostState.HostRoute(Ip.parse("10.1.1.1"), VETH_A),
                new HostState.HostRoute(Ip.parse("fd00:1::1"), VETH_A),
                new HostState.HostRoute(Ip.parse("10.1.1.2"), VETH_B)),
            Set.of(ETH0)));
    image = delta.apply();
    compiler.compileAll(image);
  }

  private static HostState.Link link(int ifindex, String name, String kind) {
    return new HostState.Link(
        ifindex, name, kind, true, 0x020000000000L + ifindex, true, 0, !kind.isEmpty());
  }

  @Override
  public ClusterImage image() {
    return image;
  }

  @Override
  public NodeTables node() {
    return compiler.node();
  }

  @Override
  public @Nullable PortProgram port(int serviceId) {
    return serviceId != WEB
        ? null
        : compiler.programs().values().stream()
            .filter(program -> program.service().name().equals("web"))
            .flatMap(program -> program.ports().stream())
            .findFirst()
            .orElseThrow();
  }

  @Override
  public PolicyTables policies() {
    return policies;
  }

  /** 1, 2 … in their order. */
  @Override
  public Map<Target, Integer> backendIds(ServicePortKey key) {
    Map<Target, Integer> ids = new HashMap<>();
    PortProgram port = port(WEB);
    if (port != null) {
      port.targets4().forEach(target -> ids.put(target, ids.size() + 1));
    }
    return ids;
  }
}
