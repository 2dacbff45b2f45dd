// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.object;

import io.millrace.model.Cidr;
import io.millrace.model.LabelSelector;
import io.millrace.model.LabelSelector.Operator;
import io.millrace.model.LabelSelector.Requirement;
import io.millrace.model.PolicyState;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** networking.k8s.io/v1 NetworkPolicy. */
final class PolicyReader {
  private static final Set<String> TYPES = Set.of("Ingress", "Egress");
  private static final Set<String> OPERATORS = Set.of("In", "NotIn", "Exists", "DoesNotExist");

  private final Interner names;
  private final LeftOut leftOut;

  private PolicyReader(Interner names, LeftOut leftOut) {
    this.names = names;
    this.leftOut = leftOut;
  }

  static PolicyState read(Field root, Interner names, LeftOut leftOut) throws FieldException {
    return new PolicyReader(names, leftOut).policy(root);
  }

  /**
   * What stands in for a policy that cannot be read: it allows nothing to the pods that it selects.
   * Null if not even those can be told.
   */
  static @Nullable PolicyState closed(Field root, Interner names) {
    try {
      Field spec = root.get("spec");
      LabelSelector pods = selector(spec.get("podSelector"), names);
      String audit = Meta.annotations(root).get(PolicyState.AUDIT).textOrNull();
      Set<String> types = typesOrBoth(spec);
      return new PolicyState(
          names.of(Meta.namespace(root)),
          Meta.name(root),
          audit,
          pods,
          types.contains("Ingress"),
          types.contains("Egress"),
          List.of(),
          List.of());
    } catch (FieldException e) {
      return null;
    }
  }

  private static Set<String> typesOrBoth(Field spec) {
    try {
      return types(spec);
    } catch (FieldException e) {
      return TYPES;
    }
  }

  private PolicyState policy(Field root) throws FieldException {
    Field spec = root.get("spec");
    if (spec.isAbsent()) {
      throw spec.error("is missing");
    }
    List<PolicyState.Rule> ingress = rules(spec.get("ingress"), "from");
    List<PolicyState.Rule> egress = rules(spec.get("egress"), "to");
    Set<String> types = types(spec);
    return new PolicyState(
        names.of(Meta.namespace(root)),
        Meta.name(root),
        Meta.annotations(root).get(PolicyState.AUDIT).textOrNull(),
        selector(spec.get("podSelector"), names),
        types.contains("Ingress"),
        types.contains("Egress"),
        ingress,
        egress);
  }

  /** As the API server fills them in (policy S4). */
  private static Set<String> types(Field spec) throws FieldException {
    Set<String> types = new HashSet<>();
    for (Field type : spec.get("policyTypes").list()) {
      types.add(type.oneOf(TYPES, ""));
    }
    if (types.isEmpty()) {
      types.add("Ingress");
      if (!spec.get("egress").list().isEmpty()) {
        types.add("Egress");
      }
    }
    return types;
  }

  private List<PolicyState.Rule> rules(Field list, String peers) throws FieldException {
    List<PolicyState.Rule> rules = new ArrayList<>(1);
    for (Field rule : list.list()) {
      rules.add(new PolicyState.Rule(peers(rule.get(peers)), ports(rule.get("ports"))));
    }
    return rules;
  }

  private List<PolicyState.Peer> peers(Field list) throws FieldException {
    List<PolicyState.Peer> peers = new ArrayList<>(1);
    for (Field peer : list.list()) {
      peers.add(peer(peer));
    }
    return peers;
  }

  private PolicyState.Peer peer(Field field) throws FieldException {
    Field block = field.get("ipBlock");
    Field pods = field.get("podSelector");
    Field namespaces = field.get("namespaceSelector");
    boolean selects = !pods.isAbsent() || !namespaces.isAbsent();
    if (block.isAbsent() != selects) {
      throw field.error("must have either ipBlock or selectors");
    }
    return selects
        ? new PolicyState.Pods(
            namespaces.isAbsent() ? null : selector(namespaces, names), selector(pods, names))
        : block(block);
  }

  /** An except that is not inside excepts nothing, so it can be left out (policy S13). */
  private PolicyState.Block block(Field block) throws FieldException {
    Cidr cidr = block.get("cidr").cidr();
    List<Cidr> excepts = new ArrayList<>(0);
    for (Field field : block.get("except").list()) {
      Cidr except = field.cidr();
      if (cidr.contains(except)) {
        excepts.add(except);
      } else {
        leftOut.add(field.error(except + " is not inside " + cidr));
      }
    }
    return new PolicyState.Block(cidr, excepts);
  }

  private List<PolicyState.Port> ports(Field list) throws FieldException {
    List<PolicyState.Port> ports = new ArrayList<>(1);
    for (Field port : list.list()) {
      ports.add(port(port));
    }
    return ports;
  }

  private PolicyState.Port port(Field field) throws FieldException {
    var protocol = Ports.protocol(field.get("protocol"));
    Field port = field.get("port");
    Field endPort = field.get("endPort");
    if (port.isAbsent() || port.isText()) {
      if (!endPort.isAbsent()) {
        throw endPort.error("needs a port that is a number");
      }
      return port.isAbsent()
          ? new PolicyState.PortRange(protocol, 0, PolicyState.PortRange.MAX)
          : new PolicyState.PortName(protocol, names.of(port.requiredText()));
    }
    int from = port.number(1, Ports.MAX);
    int to = endPort.number(1, Ports.MAX, from);
    if (to < from) {
      throw endPort.error("must not be less than port " + from + ", is " + to);
    }
    return new PolicyState.PortRange(protocol, from, to);
  }

  private static LabelSelector selector(Field field, Interner names) throws FieldException {
    List<Requirement> requirements = new ArrayList<>(1);
    for (Map.Entry<String, String> label : field.get("matchLabels").texts().entrySet()) {
      requirements.add(
          new Requirement(
              names.of(label.getKey()), Operator.IN, List.of(names.of(label.getValue()))));
    }
    for (Field expression : field.get("matchExpressions").list()) {
      requirements.add(requirement(expression, names));
    }
    return names.of(LabelSelector.of(requirements));
  }

  private static Requirement requirement(Field field, Interner names) throws FieldException {
    Operator operator =
        switch (field.get("operator").oneOf(OPERATORS, "")) {
          case "In" -> Operator.IN;
          case "NotIn" -> Operator.NOT_IN;
          case "Exists" -> Operator.EXISTS;
          default -> Operator.DOES_NOT_EXIST;
        };
    boolean needsValues = operator == Operator.IN || operator == Operator.NOT_IN;
    List<String> values = new ArrayList<>(1);
    for (Field value : field.get("values").list()) {
      values.add(names.of(value.text("")));
    }
    if (values.isEmpty() == needsValues) {
      String must = needsValues ? "must not be empty" : "must be empty";
      throw field.get("values").error(must + " with this operator");
    }
    return new Requirement(names.of(field.get("key").requiredText()), operator, values);
  }
}
