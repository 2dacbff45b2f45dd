// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile;

import io.millrace.bpf.abi.SvcAlgo;
import io.millrace.bpf.abi.SvcFlag;
import io.millrace.model.Ip;
import io.millrace.model.PodState;
import io.millrace.model.PodState.HostPort;
import io.millrace.model.Problem;
import io.millrace.model.Protocol;
import io.millrace.model.ServiceKey;
import io.millrace.model.ServicePortKey;
import java.util.ArrayList;
import java.util.List;

/**
 * A pure function from a Pod of this node and its hostPorts to what the kernel should hold: each
 * port is a ServicePort with the Pod as its only endpoint (S-171). One is named by address, number
 * and protocol together, so pods may share a number.
 */
final class HostPortCompiler {
  private final PodState pod;
  private final NodeFacts facts;
  private final ServiceKey key;
  private final List<Problem> problems = new ArrayList<>();

  private HostPortCompiler(PodState pod, NodeFacts facts) {
    this.pod = pod;
    this.facts = facts;
    key = ServiceKey.ofPod(pod.namespace(), pod.name());
  }

  static ServiceProgram compile(PodState pod, NodeFacts facts) {
    HostPortCompiler compiler = new HostPortCompiler(pod, facts);
    return facts.nodeName().equals(pod.nodeName()) && !pod.hostNetwork()
        ? compiler.compile()
        : ServiceProgram.empty(compiler.key);
  }

  private ServiceProgram compile() {
    List<PortProgram> ports = new ArrayList<>(pod.hostPorts().size());
    for (HostPort port : pod.hostPorts()) {
      List<PortProgram.Rule> rules = rules(port);
      if (!rules.isEmpty()) {
        ports.add(
            new PortProgram(
                new ServicePortKey(key, name(port), port.protocol()),
                0,
                rules,
                targets(port, true),
                targets(port, false),
                0));
      }
    }
    return new ServiceProgram(key, ports, List.of(), List.of(), null, problems);
  }

  private static String name(HostPort port) {
    Ip ip = port.hostIp();
    return ip == null
        ? Integer.toString(port.hostPort())
        : new Target(ip, port.hostPort(), 0).toString();
  }

  private List<PortProgram.Rule> rules(HostPort port) {
    List<PortProgram.Rule> rules = new ArrayList<>();
    for (Ip ip : facts.ownAddresses().stream().sorted().toList()) {
      if (!ip.isLoopback() && !ip.isLinkLocal() && asks(port, ip)) {
        add(rules, port, ip, 0);
      }
    }
    // The kernel asks no program where an SCTP socket connects to.
    if (facts.sockets() && port.protocol() != Protocol.SCTP) {
      for (Ip ip : NodeCompiler.LOOPBACK) {
        if (asks(port, ip)) {
          add(rules, port, ip, SvcFlag.SVC_SOCKET);
        }
      }
    }
    if (rules.isEmpty() && !pod.ips().isEmpty()) {
      problems.add(
          new Problem(
              "",
              key.title(),
              "hostPort " + name(port),
              "not served: this node has no such address, or the Pod none of its family"));
    }
    return rules;
  }

  private void add(List<PortProgram.Rule> rules, HostPort port, Ip ip, int flags) {
    if (pod.ips().stream().anyMatch(own -> own.isV4() == ip.isV4())) {
      Frontend frontend = new Frontend(ip, port.hostPort(), port.protocol().number());
      rules.add(
          new PortProgram.Rule(
              frontend, PortProgram.Kind.HOST_PORT, flags, SvcAlgo.SVC_ALGO_RANDOM));
    }
  }

  /** Without a hostIP all addresses are meant, by an unspecified one those of its family. */
  private static boolean asks(HostPort port, Ip ip) {
    Ip wanted = port.hostIp();
    if (wanted == null) {
      return true;
    }
    return wanted.isUnspecified() ? wanted.isV4() == ip.isV4() : wanted.equals(ip);
  }

  private List<Target> targets(HostPort port, boolean v4) {
    return pod.ips().stream()
        .filter(ip -> ip.isV4() == v4)
        .map(ip -> new Target(ip, port.port(), Target.ALL | Target.HERE | Target.CLUSTER))
        .sorted()
        .toList();
  }
}
