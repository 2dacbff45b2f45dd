// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.manifest;

import io.millrace.model.Cidr;
import io.millrace.model.Ip;
import io.millrace.model.NamespaceState;
import io.millrace.model.NodeState;
import io.millrace.model.PodState;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** v1 Pod, Node and Namespace. */
final class OtherReaders {
  /** A Pod in one of these phases has given its addresses back. */
  private static final Set<String> FINISHED = Set.of("Succeeded", "Failed");

  private OtherReaders() {}

  static PodState pod(Field root, Interner names) throws FieldException {
    Field spec = root.get("spec");
    Field status = root.get("status");
    String node = spec.get("nodeName").textOrNull();
    String socketLb = Meta.annotations(root).get(PodState.SOCKET_LB).textOrNull();
    boolean finished = FINISHED.contains(status.get("phase").text(""));
    return new PodState(
        names.of(Meta.namespace(root)),
        Meta.name(root),
        node == null ? null : names.of(node),
        spec.get("hostNetwork").flag(false),
        finished ? List.of() : podIps(status),
        socketLb == null ? null : names.of(socketLb));
  }

  private static List<Ip> podIps(Field status) throws FieldException {
    List<Ip> ips = new ArrayList<>(2);
    for (Field element : status.get("podIPs").list()) {
      ips.add(element.get("ip").ip());
    }
    if (ips.isEmpty() && !status.get("podIP").text("").isEmpty()) {
      ips.add(status.get("podIP").ip());
    }
    return ips;
  }

  static NodeState node(Field root) throws FieldException {
    List<Ip> internal = new ArrayList<>(2);
    List<Ip> other = new ArrayList<>(2);
    for (Field address : root.get("status").get("addresses").list()) {
      String type = address.get("type").requiredText();
      if (type.equals("InternalIP")) {
        internal.add(address.get("address").ip());
      } else if (type.equals("ExternalIP")) {
        other.add(address.get("address").ip());
      }
    }
    return new NodeState(Meta.name(root), internal, other, podCidrs(root.get("spec")));
  }

  private static List<Cidr> podCidrs(Field spec) throws FieldException {
    List<Field> fields = spec.get("podCIDRs").list();
    if (fields.isEmpty() && !spec.get("podCIDR").text("").isEmpty()) {
      fields = List.of(spec.get("podCIDR"));
    }
    List<Cidr> cidrs = new ArrayList<>(2);
    for (Field field : fields) {
      Cidr cidr = Cidr.tryParse(field.requiredText());
      if (cidr == null) {
        throw field.error("\"" + field.text("") + "\" is not a block such as 10.1.0.0/24");
      }
      cidrs.add(cidr);
    }
    return cidrs;
  }

  static NamespaceState namespace(Field root) throws FieldException {
    return new NamespaceState(Meta.name(root), Meta.labels(root).texts());
  }
}
