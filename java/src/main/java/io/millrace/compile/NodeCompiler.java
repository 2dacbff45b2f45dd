// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile;

import io.millrace.bpf.Role;
import io.millrace.bpf.abi.DevFlag;
import io.millrace.bpf.abi.DevRole;
import io.millrace.bpf.abi.EndpointFlag;
import io.millrace.model.Cidr;
import io.millrace.model.CidrSet;
import io.millrace.model.ClusterImage;
import io.millrace.model.HostState;
import io.millrace.model.Ip;
import io.millrace.model.NodeState;
import io.millrace.model.ObjectKey;
import io.millrace.model.PodState;
import io.millrace.model.Problem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A pure function from this host, the Nodes and the Pods to the tables about this node. */
final class NodeCompiler {
  /** Where sockets of this host find frontends on loopback, whichever address they ask for. */
  static final List<Ip> LOOPBACK = List.of(Ip.parse("127.0.0.1"), Ip.parse("::1"));

  private final NodeConfig config;
  private final ClusterImage image;
  private final HostState host;
  private final @Nullable NodeState node;
  private final DeviceRoles roles;
  private final Set<Ip> ownAddresses = new LinkedHashSet<>();
  private final List<Problem> problems = new ArrayList<>();

  /** What came out: the tables, and what services depend on. */
  record Result(NodeTables tables, NodeFacts facts) {}

  private NodeCompiler(NodeConfig config, ClusterImage image) {
    this.config = config;
    this.image = image;
    host = image.host();
    node = image.nodes().get(config.nodeName());
    roles = DeviceRoles.detect(config, host, node);
    host.addresses().forEach(address -> ownAddresses.add(address.ip()));
  }

  static Result compile(NodeConfig config, ClusterImage image) {
    return new NodeCompiler(config, image).compile();
  }

  private Result compile() {
    Map<Integer, NodeTables.Device> devices = new TreeMap<>();
    Map<Integer, Role> attachments = new TreeMap<>();
    XdpPlan plan = new XdpPlan(config.xdp(), host, roles);
    Map<Integer, String> names = new TreeMap<>();
    host.links().stream()
        .filter(link -> plan.xdp().containsKey(link.ifindex()))
        .forEach(link -> names.put(link.ifindex(), link.name()));
    for (HostState.Link link : roles.uplinks()) {
      int at = link.ifindex();
      NodeTables.Device device =
          new NodeTables.Device(first(at, true), first(at, false), link.mac(), DevRole.DEV_UPLINK);
      devices.put(at, device);
      XdpPlan.receivers(host, link).forEach(each -> devices.putIfAbsent(each, device));
      attachments.put(at, Role.UPLINK);
    }
    Map<Ip, NodeTables.Endpoint> endpoints = endpoints();
    Set<Integer> owned = new HashSet<>();
    endpoints.values().forEach(endpoint -> owned.add(endpoint.ifindex()));
    for (HostState.Link link : roles.pods()) {
      int flags = owned.contains(link.ifindex()) ? DevFlag.DEV_OWNED : 0;
      devices.put(
          link.ifindex(), new NodeTables.Device(null, null, link.mac(), DevRole.DEV_POD, flags));
      attachments.put(link.ifindex(), Role.POD);
      names.put(link.ifindex(), link.name());
    }
    roles
        .others(host, node)
        .forEach(
            at -> devices.putIfAbsent(at, new NodeTables.Device(null, null, 0, DevRole.DEV_OTHER)));
    Ip primary4 = primary(true);
    Ip primary6 = primary(false);
    if (primary4 != null || primary6 != null) {
      devices.put(0, new NodeTables.Device(primary4, primary6, 0, DevRole.DEV_NODE));
    }
    reportMissing();
    Map<ObjectKey, List<Ip>> optedOut = SocketOptOuts.of(config.nodeName(), image, problems);
    Set<Cidr> cluster = clusterCidrs();
    NodeTables tables =
        new NodeTables(
            endpoints,
            cluster,
            devices,
            attachments,
            plan.xdp(),
            plan.vlans(),
            names,
            optedOut,
            node == null ? Set.of() : Set.copyOf(node.podCidrs()),
            problems);
    return new Result(tables, facts(primary4, primary6, CidrSet.of(cluster)));
  }

  private void reportMissing() {
    if (roles.uplinks().isEmpty()) {
      String why =
          config.uplinks() == null
              ? "no device carries a default route or an address of Node " + config.nodeName()
              : "none of the devices " + config.uplinks() + " is there";
      problems.add(
          new Problem(
              "", "Node " + config.nodeName(), "", why + "; traffic from outside is not served"));
    }
  }

  /** The node's own address as its Node object says, else that of the first uplink. */
  private @Nullable Ip primary(boolean v4) {
    if (node != null) {
      for (Ip ip : node.internalIps()) {
        if (ip.isV4() == v4 && ownAddresses.contains(ip)) {
          return ip;
        }
      }
    }
    for (HostState.Link link : roles.uplinks()) {
      Ip ip = first(link.ifindex(), v4);
      if (ip != null) {
        return ip;
      }
    }
    return null;
  }

  private @Nullable Ip first(int ifindex, boolean v4) {
    for (HostState.Address address : host.addresses()) {
      if (address.ifindex() == ifindex && address.global() && address.ip().isV4() == v4) {
        return address.ip();
      }
    }
    return null;
  }

  private Map<Ip, NodeTables.Endpoint> endpoints() {
    Map<Ip, NodeTables.Endpoint> endpoints = new HashMap<>();
    Set<Integer> podDevices = new HashSet<>();
    roles.pods().forEach(link -> podDevices.add(link.ifindex()));
    for (PodState pod : image.podsOn(config.nodeName())) {
      if (!pod.hostNetwork()) {
        for (Ip ip : pod.ips()) {
          endpoints.put(ip, new NodeTables.Endpoint(0, EndpointFlag.ENDPOINT_POD));
        }
      }
    }
    for (HostState.HostRoute route : host.hostRoutes()) {
      if (podDevices.contains(route.ifindex())) {
        endpoints.put(
            route.ip(), new NodeTables.Endpoint(route.ifindex(), EndpointFlag.ENDPOINT_POD));
      }
    }
    for (Ip ip : ownAddresses) {
      if (!ip.isLoopback() && !(ip.isV6() && ip.isLinkLocal())) {
        endpoints.put(ip, new NodeTables.Endpoint(0, EndpointFlag.ENDPOINT_HOST));
      }
    }
    return endpoints;
  }

  /** Where pods live. */
  private Set<Cidr> clusterCidrs() {
    Set<Cidr> cidrs = new HashSet<>(config.clusterCidrs());
    image.nodes().values().forEach(each -> cidrs.addAll(each.podCidrs()));
    return cidrs;
  }

  private NodeFacts facts(@Nullable Ip primary4, @Nullable Ip primary6, CidrSet pods) {
    Set<Ip> nodeAddresses = new HashSet<>(ownAddresses);
    for (NodeState each : image.nodes().values()) {
      nodeAddresses.addAll(each.internalIps());
      nodeAddresses.addAll(each.otherIps());
    }
    List<Ip> nodePorts = new ArrayList<>();
    addNodePortAddresses(nodePorts, primary4, true);
    addNodePortAddresses(nodePorts, primary6, false);
    return new NodeFacts(
        config.nodeName(),
        node == null ? "" : node.zone(),
        nodePorts,
        loopbackAddresses(),
        ownAddresses,
        config.sockets(),
        config.externalIps(),
        new NodeFacts.Inside(nodeAddresses, pods));
  }

  /**
   * Where sockets of this host find nodePorts besides; packets cannot come there (S-093 … S-095).
   */
  private List<Ip> loopbackAddresses() {
    return config.sockets()
        ? LOOPBACK.stream().filter(config.nodePortAddresses()::servesLoopback).toList()
        : List.of();
  }

  private void addNodePortAddresses(List<Ip> out, @Nullable Ip primary, boolean v4) {
    NodePortAddresses wanted = config.nodePortAddresses();
    if (wanted.primary()) {
      if (primary != null) {
        out.add(primary);
      }
      return;
    }
    boolean restricted = wanted.restricts(v4);
    Set<Ip> found = new LinkedHashSet<>();
    for (HostState.Address address : host.addresses()) {
      Ip ip = address.ip();
      if (ip.isV4() == v4 && address.global() && !ip.isLoopback()) {
        boolean takes =
            restricted
                ? wanted.cidrs().stream().anyMatch(cidr -> cidr.contains(ip))
                : roles.isUplink(address.ifindex());
        if (takes) {
          found.add(ip);
        }
      }
    }
    found.stream().sorted().forEach(out::add);
  }
}
