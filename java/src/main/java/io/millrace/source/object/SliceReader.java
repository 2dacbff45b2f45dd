// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.object;

import io.millrace.model.Ip;
import io.millrace.model.ServiceKey;
import io.millrace.model.SliceState;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** discovery.k8s.io/v1 EndpointSlice. */
final class SliceReader {
  private static final String SERVICE_NAME = "kubernetes.io/service-name";
  private static final Set<String> TYPES = Set.of("IPv4", "IPv6", "FQDN");

  private SliceReader() {}

  /** Null for a slice of names, which no proxy serves (S-006). */
  static @Nullable SliceState read(Field root, Interner names, LeftOut leftOut)
      throws FieldException {
    String type = root.get("addressType").oneOf(TYPES, "");
    if (type.equals("FQDN")) {
      return null;
    }
    String namespace = names.of(Meta.namespace(root));
    String service = Meta.labels(root).get(SERVICE_NAME).text("");
    boolean v6 = type.equals("IPv6");
    return new SliceState(
        namespace,
        Meta.name(root),
        service.isEmpty() ? null : new ServiceKey(namespace, service),
        Meta.isOtherProxys(root),
        v6,
        Meta.epochMs(Meta.annotations(root).get(SliceState.TRIGGER_TIME)),
        ports(root, names, leftOut),
        endpoints(root, v6, names, leftOut));
  }

  /** Ports without a number are left out (S-023). */
  private static List<SliceState.Port> ports(Field root, Interner names, LeftOut leftOut)
      throws FieldException {
    List<SliceState.Port> ports = new ArrayList<>(1);
    Set<String> seen = new HashSet<>();
    for (Field field : root.get("ports").list()) {
      try {
        String name = field.get("name").text("");
        if (!seen.add(name)) {
          throw field.get("name").error("duplicate port name \"" + name + "\"");
        }
        if (!field.get("port").isAbsent()) {
          ports.add(
              new SliceState.Port(
                  names.of(name),
                  Ports.protocol(field.get("protocol")),
                  field.get("port").number(1, Ports.MAX)));
        }
      } catch (FieldException e) {
        leftOut.add(e);
      }
    }
    return ports;
  }

  private static List<SliceState.Endpoint> endpoints(
      Field root, boolean v6, Interner names, LeftOut leftOut) throws FieldException {
    List<Field> fields = root.get("endpoints").list();
    List<SliceState.Endpoint> endpoints = new ArrayList<>(fields.size());
    for (Field field : fields) {
      try {
        endpoints.add(endpoint(field, v6, names, leftOut.isLenient()));
      } catch (FieldException e) {
        leftOut.add(e);
      }
    }
    return endpoints;
  }

  /**
   * @param foreign whether it may be of the other family: then it is its Service's compilation that
   *     leaves it out, and can tell the owner (S-024)
   */
  private static SliceState.Endpoint endpoint(
      Field field, boolean v6, Interner names, boolean foreign) throws FieldException {
    List<Field> addresses = field.get("addresses").list();
    if (addresses.isEmpty()) {
      throw field.get("addresses").error("is missing");
    }
    Ip ip = addresses.get(0).ip();
    if (ip.isV6() != v6 && !foreign) {
      String family = v6 ? "IPv6" : "IPv4";
      throw addresses.get(0).error(ip + " in a slice of addressType " + family);
    }
    Field conditions = field.get("conditions");
    boolean ready = conditions.get("ready").flag(true);
    String node = field.get("nodeName").textOrNull();
    return new SliceState.Endpoint(
        ip,
        ready,
        conditions.get("serving").flag(ready),
        conditions.get("terminating").flag(false),
        node == null ? null : names.of(node),
        hints(field.get("hints"), names));
  }

  /** Null if they name nobody. */
  private static SliceState.@Nullable Hints hints(Field hints, Interner names)
      throws FieldException {
    List<String> zones = hinted(hints.get("forZones"), names);
    List<String> nodes = hinted(hints.get("forNodes"), names);
    return zones.isEmpty() && nodes.isEmpty() ? null : names.of(new SliceState.Hints(zones, nodes));
  }

  private static List<String> hinted(Field hints, Interner names) throws FieldException {
    List<String> hinted = new ArrayList<>(1);
    for (Field hint : hints.list()) {
      hinted.add(names.of(hint.get("name").requiredText()));
    }
    return hinted;
  }
}
