// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.object;

import io.millrace.model.Cidr;
import io.millrace.model.Ip;
import io.millrace.model.ServiceKey;
import io.millrace.model.ServiceSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** v1 Service. */
final class ServiceReader {
  private static final int MAX_AFFINITY_S = 86_400;
  private static final int DEFAULT_AFFINITY_S = 10_800;
  private static final Set<String> TYPES =
      Set.of("ClusterIP", "NodePort", "LoadBalancer", "ExternalName");
  private static final Set<String> POLICIES = Set.of("Cluster", "Local");

  private ServiceReader() {}

  static ServiceSpec read(Field root, Interner names) throws FieldException {
    Field spec = root.get("spec");
    String type = spec.get("type").oneOf(TYPES, "ClusterIP");
    boolean balanced = type.equals("LoadBalancer");
    boolean externalLocal = isLocal(spec.get("externalTrafficPolicy"));
    int health = spec.get("healthCheckNodePort").number(0, Ports.MAX, 0);
    return new ServiceSpec(
        new ServiceKey(names.of(Meta.namespace(root)), Meta.name(root)),
        Meta.createdEpochSecond(root),
        type.equals("ExternalName"),
        Meta.isOtherProxys(root),
        clusterIps(spec),
        spec.get("externalIPs").ips(),
        balanced ? vips(root) : List.of(),
        isLocal(spec.get("internalTrafficPolicy")),
        externalLocal,
        affinity(spec),
        balanced ? sourceRanges(spec) : List.of(),
        balanced && externalLocal ? health : 0,
        ports(spec, balanced || type.equals("NodePort"), names));
  }

  private static boolean isLocal(Field policy) throws FieldException {
    return policy.oneOf(POLICIES, "Cluster").equals("Local");
  }

  /** {@code clusterIPs} (S-009), or {@code clusterIP} as the API server would copy it there. */
  private static List<Ip> clusterIps(Field spec) throws FieldException {
    Field single = spec.get("clusterIP");
    List<Field> fields = spec.get("clusterIPs").list();
    if (fields.isEmpty()) {
      fields = List.of(single);
    }
    List<Ip> ips = new ArrayList<>(2);
    for (Field field : fields) {
      String text = field.text("");
      if (!text.isEmpty() && !text.equals("None")) {
        Ip ip = field.ip();
        for (Ip other : ips) {
          if (other.isV4() == ip.isV4()) {
            throw field.error(ip + " is a second address of its family");
          }
        }
        ips.add(ip);
      }
    }
    return ips;
  }

  /** Addresses of ingresses but those that a proxy in front terminates (S-110, S-111). */
  private static List<Ip> vips(Field root) throws FieldException {
    List<Ip> vips = new ArrayList<>(2);
    for (Field ingress : root.get("status").get("loadBalancer").get("ingress").list()) {
      Field ip = ingress.get("ip");
      boolean proxied = ingress.get("ipMode").text("VIP").equals("Proxy");
      if (!ip.text("").isEmpty() && !proxied) {
        vips.add(ip.ip());
      }
    }
    return vips;
  }

  private static List<Cidr> sourceRanges(Field spec) throws FieldException {
    List<Cidr> ranges = new ArrayList<>(0);
    for (Field range : spec.get("loadBalancerSourceRanges").list()) {
      ranges.add(range.cidr());
    }
    return ranges;
  }

  private static int affinity(Field spec) throws FieldException {
    String affinity = spec.get("sessionAffinity").oneOf(Set.of("None", "ClientIP"), "None");
    if (affinity.equals("None")) {
      return 0;
    }
    return spec.get("sessionAffinityConfig")
        .get("clientIP")
        .get("timeoutSeconds")
        .number(1, MAX_AFFINITY_S, DEFAULT_AFFINITY_S);
  }

  private static List<ServiceSpec.Port> ports(Field spec, boolean exposed, Interner names)
      throws FieldException {
    List<Field> fields = spec.get("ports").list();
    List<ServiceSpec.Port> ports = new ArrayList<>(fields.size());
    Set<String> seen = new HashSet<>();
    for (Field field : fields) {
      ServiceSpec.Port port = port(field, exposed, names);
      if (port.name().isEmpty() && fields.size() > 1) {
        throw field.get("name").error("is missing; each of several ports needs one");
      }
      if (!seen.add("name " + port.name())) {
        throw field.get("name").error("duplicate port name \"" + port.name() + "\"");
      }
      if (!seen.add("port " + port.port() + port.protocol())) {
        throw field.get("port").error("duplicate port " + port.port() + "/" + port.protocol());
      }
      if (port.nodePort() != 0 && !seen.add("nodePort " + port.nodePort() + port.protocol())) {
        throw field
            .get("nodePort")
            .error("duplicate port " + port.nodePort() + "/" + port.protocol());
      }
      ports.add(port);
    }
    return ports;
  }

  private static ServiceSpec.Port port(Field field, boolean exposed, Interner names)
      throws FieldException {
    int nodePort = field.get("nodePort").number(0, Ports.MAX, 0);
    return new ServiceSpec.Port(
        names.of(field.get("name").text("")),
        Ports.protocol(field.get("protocol")),
        field.get("port").number(1, Ports.MAX),
        exposed ? nodePort : 0);
  }
}
