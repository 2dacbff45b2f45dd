// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.object;

import io.millrace.model.Ip;
import io.millrace.model.PodState;
import io.millrace.model.Protocol;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** v1 Pod. */
final class PodReader {
  /** A Pod in one of these phases has given its addresses and ports back. */
  private static final Set<String> FINISHED = Set.of("Succeeded", "Failed");

  private PodReader() {}

  /** Null for one that has finished (policy L5). */
  static @Nullable PodState read(Field root, Interner names) throws FieldException {
    Field spec = root.get("spec");
    Field status = root.get("status");
    String phase = status.get("phase").text("");
    if (FINISHED.contains(phase)) {
      return null;
    }
    String node = spec.get("nodeName").textOrNull();
    String socketLb = Meta.annotations(root).get(PodState.SOCKET_LB).textOrNull();
    boolean hostNetwork = spec.get("hostNetwork").flag(false);
    List<Field> containers = containers(spec);
    return new PodState(
        names.of(Meta.namespace(root)),
        Meta.name(root),
        node == null ? null : names.of(node),
        hostNetwork,
        ips(status),
        hostNetwork ? List.of() : hostPorts(containers),
        socketLb == null ? null : names.of(socketLb),
        names.of(Meta.labels(root).texts()),
        hostNetwork ? List.of() : namedPorts(containers, names),
        phase.equals("Running") && !Meta.isDeleting(root),
        Meta.createdEpochSecond(root));
  }

  private static List<Ip> ips(Field status) throws FieldException {
    List<Ip> ips = new ArrayList<>(2);
    for (Field element : status.get("podIPs").list()) {
      ips.add(element.get("ip").ip());
    }
    if (ips.isEmpty() && !status.get("podIP").text("").isEmpty()) {
      ips.add(status.get("podIP").ip());
    }
    return ips;
  }

  /** All that run as long as the Pod does: sidecars are init containers that stay. */
  private static List<Field> containers(Field spec) throws FieldException {
    List<Field> containers = new ArrayList<>(spec.get("containers").list());
    for (Field container : spec.get("initContainers").list()) {
      if (container.get("restartPolicy").text("").equals("Always")) {
        containers.add(container);
      }
    }
    return containers;
  }

  private static List<PodState.HostPort> hostPorts(List<Field> containers) throws FieldException {
    List<PodState.HostPort> ports = new ArrayList<>(0);
    Set<String> seen = new HashSet<>(0);
    for (Field container : containers) {
      hostPorts(container, seen, ports);
    }
    return ports;
  }

  private static void hostPorts(Field container, Set<String> seen, List<PodState.HostPort> ports)
      throws FieldException {
    for (Field field : container.get("ports").list()) {
      int number = field.get("hostPort").number(0, Ports.MAX, 0);
      if (number == 0) {
        continue;
      }
      Field hostIp = field.get("hostIP");
      PodState.HostPort port =
          new PodState.HostPort(
              hostIp.text("").isEmpty() ? null : hostIp.anyIp(),
              number,
              Ports.protocol(field.get("protocol")),
              field.get("containerPort").number(1, Ports.MAX));
      if (!seen.add(port.hostIp() + " " + number + port.protocol())) {
        throw field.get("hostPort").error("duplicate port " + number + "/" + port.protocol());
      }
      ports.add(port);
    }
  }

  /** Of ports with the same name and protocol the first one counts (policy P7). */
  private static List<PodState.NamedPort> namedPorts(List<Field> containers, Interner names)
      throws FieldException {
    Set<PodState.NamedPort> ports = new TreeSet<>();
    Set<String> seen = new HashSet<>(0);
    for (Field container : containers) {
      for (Field field : container.get("ports").list()) {
        String name = field.get("name").text("");
        Protocol protocol = Ports.protocol(field.get("protocol"));
        if (!name.isEmpty() && seen.add(name + " " + protocol)) {
          int number = field.get("containerPort").number(1, Ports.MAX);
          ports.add(new PodState.NamedPort(names.of(name), protocol, number));
        }
      }
    }
    return names.of(List.copyOf(ports));
  }
}
