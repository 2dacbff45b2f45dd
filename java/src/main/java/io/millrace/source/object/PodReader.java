// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.object;

import io.millrace.model.Ip;
import io.millrace.model.PodState;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** v1 Pod. */
final class PodReader {
  /** A Pod in one of these phases has given its addresses and ports back. */
  private static final Set<String> FINISHED = Set.of("Succeeded", "Failed");

  private PodReader() {}

  static PodState read(Field root, Interner names) throws FieldException {
    Field spec = root.get("spec");
    Field status = root.get("status");
    String node = spec.get("nodeName").textOrNull();
    String socketLb = Meta.annotations(root).get(PodState.SOCKET_LB).textOrNull();
    boolean hostNetwork = spec.get("hostNetwork").flag(false);
    boolean finished = FINISHED.contains(status.get("phase").text(""));
    return new PodState(
        names.of(Meta.namespace(root)),
        Meta.name(root),
        node == null ? null : names.of(node),
        hostNetwork,
        finished ? List.of() : ips(status),
        finished || hostNetwork ? List.of() : hostPorts(spec),
        socketLb == null ? null : names.of(socketLb));
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

  /** Of all containers that run as long as the Pod does: sidecars are init containers that stay. */
  private static List<PodState.HostPort> hostPorts(Field spec) throws FieldException {
    List<PodState.HostPort> ports = new ArrayList<>(0);
    Set<String> seen = new HashSet<>(0);
    for (Field container : spec.get("containers").list()) {
      hostPorts(container, seen, ports);
    }
    for (Field container : spec.get("initContainers").list()) {
      if (container.get("restartPolicy").text("").equals("Always")) {
        hostPorts(container, seen, ports);
      }
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
}
