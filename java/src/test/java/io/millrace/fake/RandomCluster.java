// SPDX-License-Identifier: Apache-2.0
package io.millrace.fake;

import io.millrace.model.Cidr;
import io.millrace.model.ClusterObject;
import io.millrace.model.HostState;
import io.millrace.model.Ip;
import io.millrace.model.NodeState;
import io.millrace.model.ObjectKey;
import io.millrace.model.PodState;
import io.millrace.model.Protocol;
import io.millrace.model.ServiceKey;
import io.millrace.model.ServiceSpec;
import io.millrace.model.SliceState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Small random clusters, in which addresses and ports collide often. */
public final class RandomCluster {
  private static final int SERVICES = 8;
  private static final int SLICES = 3;

  private final Random random;

  public RandomCluster(long seed) {
    random = new Random(seed);
  }

  public int below(int bound) {
    return random.nextInt(bound);
  }

  private boolean chance(int percent) {
    return below(100) < percent;
  }

  /** Any object, new or changed. */
  public ClusterObject object() {
    int kind = below(100);
    if (kind < 30) {
      return service(below(SERVICES));
    }
    if (kind < 88) {
      return slice(below(SERVICES), below(SLICES));
    }
    return kind < 91 ? host() : kind < 94 ? node() : pod();
  }

  /** The key of an object that may be there. */
  public ObjectKey key() {
    String service = "s" + below(SERVICES);
    if (chance(10)) {
      return new ObjectKey(ObjectKey.Kind.POD, "default", "p" + below(6));
    }
    return chance(40)
        ? new ObjectKey(ObjectKey.Kind.SERVICE, "default", service)
        : new ObjectKey(ObjectKey.Kind.SLICE, "default", service + "-" + below(SLICES));
  }

  private ServiceSpec service(int index) {
    List<Ip> clusterIps = new ArrayList<>();
    if (chance(85)) {
      clusterIps.add(Ip.ofV4(0x0a600000 + index));
    }
    if (chance(60)) {
      clusterIps.add(Ip.parse("fd00:96::" + index));
    }
    List<ServiceSpec.Port> ports = new ArrayList<>();
    ports.add(new ServiceSpec.Port("a", Protocol.TCP, 80 + below(2), nodePort()));
    if (chance(30)) {
      ports.add(new ServiceSpec.Port("b", Protocol.UDP, 80 + below(2), nodePort()));
    }
    return new ServiceSpec(
        new ServiceKey("default", "s" + index),
        below(3),
        chance(5),
        chance(5),
        clusterIps,
        chance(40) ? externals() : List.of(),
        chance(20) ? externals() : List.of(),
        chance(30),
        chance(30),
        chance(20) ? 60 : 0,
        chance(50) ? ranges() : List.of(),
        0,
        ports);
  }

  private int nodePort() {
    return chance(40) ? 30_000 + below(4) : 0;
  }

  private List<Ip> externals() {
    return List.of(Ip.ofV4(0xc6336400 + below(3)), Ip.parse("2001:db8:1::" + below(3)));
  }

  private List<Cidr> ranges() {
    List<Cidr> ranges = new ArrayList<>();
    int count = 1 + below(3);
    for (int i = 0; i < count; i++) {
      ranges.add(
          chance(50)
              ? new Cidr(Ip.ofV4(0xc0000200 + below(4)), 24 + 2 * below(5))
              : new Cidr(Ip.parse("2001:db8::" + below(4)), 112 + 4 * below(5)));
    }
    return ranges;
  }

  private SliceState slice(int service, int index) {
    boolean v6 = index == 2;
    List<SliceState.Endpoint> endpoints = new ArrayList<>();
    int count = below(6);
    boolean hinted = chance(40);
    for (int i = 0; i < count; i++) {
      int host = below(8);
      Ip ip = v6 ? Ip.parse("fd00:1::" + host) : Ip.ofV4(0x0a010100 + host);
      boolean ready = chance(70);
      String node = chance(10) ? null : chance(50) ? "n1" : "n2";
      endpoints.add(
          new SliceState.Endpoint(
              ip, ready, ready || chance(50), !ready && chance(70), node, hinted ? hints() : null));
    }
    List<SliceState.Port> ports =
        List.of(
            new SliceState.Port("a", Protocol.TCP, 8080 + below(2)),
            new SliceState.Port("b", Protocol.UDP, 5353));
    return new SliceState(
        "default",
        "s" + service + "-" + index,
        new ServiceKey("default", "s" + service),
        chance(5),
        v6,
        0,
        ports,
        endpoints);
  }

  private SliceState.@Nullable Hints hints() {
    if (chance(10)) {
      return null;
    }
    List<String> zones = chance(80) ? List.of("z" + below(2)) : List.of();
    List<String> nodes = chance(50) ? List.of("n" + (1 + below(2))) : List.of();
    return new SliceState.Hints(zones, nodes);
  }

  private HostState host() {
    List<HostState.Link> links = new ArrayList<>();
    links.add(new HostState.Link(2, "eth0", "", true, 0x020000000002L, true, 0, false));
    List<HostState.Address> addresses = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      if (chance(80)) {
        addresses.add(new HostState.Address(2, Ip.ofV4(0xc0000200 + below(4)), 24, true));
        addresses.add(new HostState.Address(2, Ip.parse("2001:db8::" + below(4)), 64, true));
      }
    }
    List<HostState.HostRoute> routes = new ArrayList<>();
    for (int i = 5; i < 9; i++) {
      if (chance(60)) {
        links.add(new HostState.Link(i, "veth" + i, "veth", true, 0x02000000000fL, true, 0, true));
        routes.add(new HostState.HostRoute(Ip.ofV4(0x0a010100 + i), i));
      }
    }
    return new HostState(links, addresses, routes, Set.of(2));
  }

  private NodeState node() {
    return new NodeState(
        "n" + (1 + below(2)),
        List.of(Ip.ofV4(0xc0000200 + below(4))),
        chance(30) ? List.of(Ip.ofV4(0x0a010100 + below(8))) : List.of(),
        chance(60) ? List.of(new Cidr(Ip.ofV4(0x0a010100 + below(8)), 29 + below(3))) : List.of(),
        chance(70) ? "z" + below(2) : "",
        false,
        false);
  }

  private PodState pod() {
    int index = below(6);
    List<String> socketLb = Arrays.asList(null, "on", "off", "yes");
    boolean hostNetwork = below(8) == 0;
    return new PodState(
        "default",
        "p" + index,
        chance(80) ? "n1" : "n2",
        hostNetwork,
        List.of(Ip.ofV4(0x0a010100 + index)),
        hostNetwork || chance(50) ? List.of() : List.of(hostPort()),
        socketLb.get(below(4)),
        Map.of(),
        List.of(),
        true,
        0);
  }

  private PodState.HostPort hostPort() {
    Ip hostIp =
        chance(60) ? null : chance(30) ? Ip.parse("0.0.0.0") : Ip.ofV4(0xc0000200 + below(4));
    Protocol protocol = chance(50) ? Protocol.TCP : Protocol.UDP;
    return new PodState.HostPort(hostIp, 30_000 + below(4), protocol, 8080);
  }
}
