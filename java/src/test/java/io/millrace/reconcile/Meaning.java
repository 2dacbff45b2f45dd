// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import io.millrace.bpf.abi.SvcAlgo;
import io.millrace.bpf.abi.SvcFlag;
import io.millrace.compile.Compiler;
import io.millrace.compile.Desired;
import io.millrace.compile.Frontend;
import io.millrace.compile.NodeConfig;
import io.millrace.compile.PortProgram;
import io.millrace.compile.Target;
import io.millrace.model.ClusterImage;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;

/** What the kernel should mean to packets, by a compilation from scratch. */
final class Meaning {
  private Meaning() {}

  static Map<Frontend, String> of(NodeConfig config, ClusterImage image) {
    return of(config, image, MaglevTable::sizeFor);
  }

  static Map<Frontend, String> of(
      NodeConfig config, ClusterImage image, IntUnaryOperator ringSize) {
    Map<Frontend, String> meaning = new TreeMap<>();
    Desired desired = new Compiler(config).compileAll(image);
    for (Desired.Port port : desired.ports()) {
      for (PortProgram.Rule rule : port.rules()) {
        meaning.put(rule.frontend(), text(port.program(), rule, ringSize));
      }
    }
    desired
        .addresses()
        .forEach(
            (ip, use) ->
                meaning.put(
                    Frontend.address(ip),
                    use == Desired.AddressUse.REJECT ? "address reject" : "address pass"));
    return meaning;
  }

  /** Backends that should be active: every endpoint in use, per port and family with a frontend. */
  static int backendCount(NodeConfig config, ClusterImage image) {
    int count = 0;
    for (Desired.Port port : new Compiler(config).compileAll(image).ports()) {
      boolean v4 = port.rules().stream().anyMatch(rule -> rule.frontend().ip().isV4());
      boolean v6 = port.rules().stream().anyMatch(rule -> rule.frontend().ip().isV6());
      count += v4 ? port.program().targets4().size() : 0;
      count += v6 ? port.program().targets6().size() : 0;
    }
    return count;
  }

  private static String text(PortProgram port, PortProgram.Rule rule, IntUnaryOperator ringSize) {
    List<Target> targets = rule.frontend().ip().isV6() ? port.targets6() : port.targets4();
    String text = "all " + set(targets, Target.ALL);
    if ((rule.flags() & SvcFlag.SVC_SOCKET) != 0) {
      text += " socket";
    }
    if ((rule.flags() & SvcFlag.SVC_LOCAL) != 0) {
      text += " local " + set(targets, Target.LOCAL);
    } else if ((rule.flags() & SvcFlag.SVC_LOCAL_EXTERNAL) != 0) {
      text += " local-external " + set(targets, Target.LOCAL);
    }
    List<Target> members = targets.stream().filter(target -> target.has(Target.ALL)).toList();
    if (rule.algo() == SvcAlgo.SVC_ALGO_MAGLEV && members.size() > 1) {
      int size = ringSize.applyAsInt(members.size());
      text += KernelView.ring(MaglevTable.fill(size, members));
    }
    text += port.affinitySeconds() == 0 ? "" : " affinity " + port.affinitySeconds();
    return rule.sources().isEmpty() ? text : text + " for " + rule.sources();
  }

  private static String set(List<Target> targets, int flag) {
    String text =
        targets.stream()
            .filter(target -> target.has(flag))
            .map(target -> KernelView.address(target.ip(), target.port()))
            .sorted()
            .collect(Collectors.joining(" "));
    return text.isEmpty() ? "-" : text;
  }
}
