// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.object;

import io.millrace.model.Cidr;
import io.millrace.model.Ip;
import io.millrace.model.NamespaceState;
import io.millrace.model.NodeState;
import io.millrace.model.PolicyState;
import java.util.ArrayList;
import java.util.List;

/** v1 Node and Namespace. */
final class OtherReaders {
  private OtherReaders() {}

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
    Field spec = root.get("spec");
    return new NodeState(
        Meta.name(root),
        internal,
        other,
        podCidrs(spec),
        Meta.labels(root).get(NodeState.ZONE).text(""),
        Meta.isDeleting(root),
        hasTaint(spec, NodeState.DELETION_TAINT));
  }

  private static boolean hasTaint(Field spec, String key) throws FieldException {
    for (Field taint : spec.get("taints").list()) {
      if (taint.get("key").requiredText().equals(key)) {
        return true;
      }
    }
    return false;
  }

  private static List<Cidr> podCidrs(Field spec) throws FieldException {
    List<Field> fields = spec.get("podCIDRs").list();
    if (fields.isEmpty() && !spec.get("podCIDR").text("").isEmpty()) {
      fields = List.of(spec.get("podCIDR"));
    }
    List<Cidr> cidrs = new ArrayList<>(2);
    for (Field field : fields) {
      cidrs.add(field.cidr());
    }
    return cidrs;
  }

  static NamespaceState namespace(Field root) throws FieldException {
    return new NamespaceState(
        Meta.name(root),
        Meta.labels(root).texts(),
        Meta.annotations(root).get(PolicyState.AUDIT).textOrNull());
  }
}
