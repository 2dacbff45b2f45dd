// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile;

import io.millrace.bpf.abi.SvcAlgo;
import io.millrace.bpf.abi.SvcFlag;
import io.millrace.compile.PortProgram.Kind;
import io.millrace.model.Cidr;
import io.millrace.model.Ip;
import io.millrace.model.Problem;
import io.millrace.model.Protocol;
import io.millrace.model.ServicePortKey;
import io.millrace.model.ServiceSpec;
import io.millrace.model.SliceState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A pure function from one Service, its slices and the node to what the kernel should hold. */
final class ServiceCompiler {
  private final ServiceSpec spec;
  private final List<SliceState> slices;
  private final NodeFacts facts;
  private final boolean v4;
  private final boolean v6;
  private final List<Problem> problems = new ArrayList<>();

  private ServiceCompiler(ServiceSpec spec, List<SliceState> slices, NodeFacts facts) {
    this.spec = spec;
    this.slices = slices;
    this.facts = facts;
    v4 = spec.clusterIps().stream().anyMatch(Ip::isV4);
    v6 = spec.clusterIps().stream().anyMatch(Ip::isV6);
  }

  static ServiceProgram compile(ServiceSpec spec, List<SliceState> slices, NodeFacts facts) {
    if (spec.externalName() || spec.otherProxy() || spec.clusterIps().isEmpty()) {
      return ServiceProgram.empty(spec.service());
    }
    return new ServiceCompiler(spec, slices, facts).compile();
  }

  private ServiceProgram compile() {
    reportForeignEndpoints();
    reportOpenFamily(v4, false);
    reportOpenFamily(v6, true);
    List<PortProgram> ports = new ArrayList<>(spec.ports().size());
    for (ServiceSpec.Port port : spec.ports()) {
      ports.add(compile(port));
    }
    List<Ip> passing = new ArrayList<>(externals());
    passing.removeIf(ip -> facts.ownAddresses().contains(ip) || spec.clusterIps().contains(ip));
    List<Ip> rejecting = new ArrayList<>(spec.clusterIps());
    rejecting.removeIf(facts.ownAddresses()::contains);
    HealthCheck health = HealthCheck.of(spec, slices, facts.nodeName());
    return new ServiceProgram(spec.service(), ports, rejecting, passing, health, problems);
  }

  private PortProgram compile(ServiceSpec.Port port) {
    List<PortProgram.Rule> rules = rules(port);
    boolean external = rules.size() > spec.clusterIps().size();
    boolean wantLocal = spec.internalLocal() || (spec.externalLocal() && external);
    return new PortProgram(
        new ServicePortKey(spec.service(), port.name(), port.protocol()),
        spec.createdEpochSecond(),
        rules,
        v4 ? targets(port, false, wantLocal) : List.of(),
        v6 ? targets(port, true, wantLocal) : List.of(),
        spec.affinitySeconds());
  }

  private List<Target> targets(ServiceSpec.Port port, boolean six, boolean wantLocal) {
    return EndpointSelector.select(slices, port.name(), port.protocol(), six, wantLocal, facts);
  }

  /**
   * ClusterIPs follow the internal traffic policy, everything else the external one (S-084). What
   * clients outside may reach by several nodes gets a choice that all nodes agree on, unless each
   * node is to choose among its own.
   */
  private List<PortProgram.Rule> rules(ServiceSpec.Port port) {
    Map<Frontend, PortProgram.Rule> rules = new LinkedHashMap<>();
    int internal = spec.internalLocal() ? SvcFlag.SVC_LOCAL : 0;
    for (Ip ip : spec.clusterIps()) {
      add(rules, Kind.CLUSTER_IP, ip, port.port(), port, internal, SvcAlgo.SVC_ALGO_RANDOM);
    }
    int external = spec.externalLocal() ? SvcFlag.SVC_LOCAL_EXTERNAL : 0;
    int algo = spec.externalLocal() ? SvcAlgo.SVC_ALGO_RANDOM : SvcAlgo.SVC_ALGO_MAGLEV;
    for (Ip ip : ours(spec.loadBalancerIps())) {
      Frontend vip = new Frontend(ip, port.port(), port.protocol().number());
      List<Cidr> sources = SourceRanges.of(spec, ip, facts.ownAddresses());
      add(rules, new PortProgram.Rule(vip, Kind.VIP, external, algo, sources));
    }
    for (Ip ip : externalIps()) {
      add(rules, Kind.EXTERNAL, ip, port.port(), port, external, algo);
    }
    if (port.nodePort() != 0) {
      for (Ip ip : ours(facts.nodePortAddresses())) {
        add(rules, Kind.NODE_PORT, ip, port.nodePort(), port, external, algo);
      }
      for (Ip ip : ours(facts.loopbackAddresses())) {
        // The kernel asks no program where an SCTP socket connects to.
        if (port.protocol() != Protocol.SCTP) {
          int flags = external | SvcFlag.SVC_SOCKET;
          add(rules, Kind.NODE_PORT, ip, port.nodePort(), port, flags, SvcAlgo.SVC_ALGO_RANDOM);
        }
      }
    }
    return List.copyOf(rules.values());
  }

  private static void add(
      Map<Frontend, PortProgram.Rule> rules,
      Kind kind,
      Ip ip,
      int number,
      ServiceSpec.Port port,
      int flags,
      int algo) {
    Frontend frontend = new Frontend(ip, number, port.protocol().number());
    add(rules, new PortProgram.Rule(frontend, kind, flags, algo));
  }

  private static void add(Map<Frontend, PortProgram.Rule> rules, PortProgram.Rule rule) {
    rules.putIfAbsent(rule.frontend(), rule);
  }

  /** externalIPs and LoadBalancer VIPs of the Service's families (S-010). */
  private List<Ip> externals() {
    List<Ip> ips = new ArrayList<>(externalIps());
    ips.addAll(ours(spec.loadBalancerIps()));
    return ips;
  }

  private List<Ip> externalIps() {
    return facts.externalIps() ? ours(spec.externalIps()) : List.of();
  }

  /** Those of the Service's families. */
  private List<Ip> ours(List<Ip> ips) {
    if (v4 && v6) {
      return ips;
    }
    List<Ip> ours = new ArrayList<>(ips);
    ours.removeIf(ip -> ip.isV4() ? !v4 : !v6);
    return ours;
  }

  /** S-024: an address of the other family is left out, and said so. */
  private void reportForeignEndpoints() {
    for (SliceState slice : slices) {
      for (SliceState.Endpoint endpoint : slice.endpoints()) {
        if (endpoint.ip().isV6() != slice.v6()) {
          String family = slice.v6() ? "IPv6" : "IPv4";
          problem(
              "EndpointSlice " + slice.name(),
              "endpoint " + endpoint.ip() + " in an " + family + " slice, left out");
        }
      }
    }
  }

  /** S-115: ranges of one family say nothing of the other, which may not be what was meant. */
  private void reportOpenFamily(boolean ours, boolean six) {
    if (ours
        && !spec.sourceRanges().isEmpty()
        && spec.loadBalancerIps().stream().anyMatch(ip -> ip.isV6() == six)
        && spec.sourceRanges().stream().noneMatch(range -> range.base().isV6() == six)) {
      String family = six ? "IPv6" : "IPv4";
      problem(
          "spec.loadBalancerSourceRanges",
          "no " + family + " range, so its " + family + " load balancer address is for everybody");
    }
  }

  private void problem(String field, String reason) {
    problems.add(new Problem("", "Service " + spec.service(), field, reason));
  }
}
