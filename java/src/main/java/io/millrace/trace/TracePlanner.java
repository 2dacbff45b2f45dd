// SPDX-License-Identifier: Apache-2.0
package io.millrace.trace;

import io.millrace.admin.AdminException;
import io.millrace.admin.proto.Error;
import io.millrace.admin.proto.TraceRequest;
import io.millrace.bpf.Role;
import io.millrace.bpf.abi.EndpointFlag;
import io.millrace.compile.NodeTables;
import io.millrace.model.Ip;
import io.millrace.model.ObjectKey;
import io.millrace.model.PodState;
import io.millrace.model.ServiceKey;
import io.millrace.model.ServiceSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** From what a person asks to a packet and the hook that meets it first. */
public final class TracePlanner {
  private static final String POD = "pod/";
  private static final String SERVICE = "svc/";
  private static final int EPHEMERAL_MIN = 32768;
  private static final int EPHEMERAL_MAX = 60999;
  private static final int PORT_MAX = 65535;

  private final TraceWorld world;
  private final RandomGenerator random;

  public TracePlanner(TraceWorld world, RandomGenerator random) {
    this.world = world;
    this.random = random;
  }

  /** Whom a name means: his addresses, and who he is if it is not a matter of the address. */
  private record Named(List<Ip> ips, @Nullable String service) {}

  /**
   * What to ask the kernel.
   *
   * @throws AdminException that names the flag, and says what to do
   */
  public TracePlan plan(TraceRequest request) throws AdminException {
    Named fromName = named("--from", request.getFrom(), false);
    Named toName = named("--to", request.getTo(), true);
    boolean v6 = family(request, fromName, toName);
    Ip source = ofFamily("--from", request.getFrom(), fromName, v6);
    Ip destination = ofFamily("--to", request.getTo(), toName, v6);
    MadePacket packet = packet(request, source, destination);
    Party from = party(source, null);
    Party to = party(destination, toName.service());
    return at(packet, from, to);
  }

  // ---- who ------------------------------------------------------------------------------------

  private Named named(String flag, String name, boolean services) throws AdminException {
    if (name.isEmpty()) {
      throw invalid(flag + " is missing: a pod as NAMESPACE/NAME, or an address");
    }
    Ip ip = Ip.tryParse(name);
    if (ip != null) {
      return new Named(List.of(ip), null);
    }
    boolean onlyPod = name.startsWith(POD);
    boolean onlyService = services && name.startsWith(SERVICE);
    String plain = name.substring(onlyPod ? POD.length() : onlyService ? SERVICE.length() : 0);
    int slash = plain.indexOf('/');
    if (slash <= 0 || slash == plain.length() - 1) {
      throw invalid(flag + " " + name + " is neither an address nor NAMESPACE/NAME");
    }
    String namespace = plain.substring(0, slash);
    String object = plain.substring(slash + 1);
    PodState pod =
        onlyService
            ? null
            : world.image().pods().get(new ObjectKey(ObjectKey.Kind.POD, namespace, object));
    ServiceSpec service =
        services && !onlyPod
            ? world.image().services().get(new ServiceKey(namespace, object))
            : null;
    if (pod != null && service != null) {
      throw invalid(
          flag + " " + name + " is a pod and a Service: say pod/" + plain + " or svc/" + plain);
    }
    return pod != null ? ofPod(flag, pod) : ofService(flag, plain, service, services);
  }

  private static Named ofPod(String flag, PodState pod) throws AdminException {
    if (pod.ips().isEmpty()) {
      throw new AdminException(
          Error.Code.NOT_FOUND,
          flag + ": " + Party.podName(pod) + " has no address: it has not started, or has ended");
    }
    return new Named(pod.ips(), null);
  }

  private static Named ofService(
      String flag, String name, @Nullable ServiceSpec service, boolean services)
      throws AdminException {
    if (service == null) {
      throw new AdminException(
          Error.Code.NOT_FOUND,
          flag
              + ": no pod "
              + (services ? "or Service " : "")
              + name
              + " is known here; an address will do as well");
    }
    if (service.clusterIps().isEmpty()) {
      throw invalid(
          flag + ": Service " + name + " has no ClusterIP: name one of its pods, or an address");
    }
    return new Named(service.clusterIps(), "service " + name);
  }

  private static boolean family(TraceRequest request, Named from, Named to) throws AdminException {
    boolean v4 = has(from, false) && has(to, false);
    boolean v6 = has(from, true) && has(to, true);
    if (!v4 && !v6) {
      throw invalid(
          "--from "
              + request.getFrom()
              + " and --to "
              + request.getTo()
              + " have no family in common");
    }
    return v6 && (request.getIpv6() || !v4);
  }

  private static boolean has(Named name, boolean v6) {
    return name.ips().stream().anyMatch(ip -> ip.isV6() == v6);
  }

  private static Ip ofFamily(String flag, String text, Named name, boolean v6)
      throws AdminException {
    Ip ip = name.ips().stream().filter(one -> one.isV6() == v6).findFirst().orElse(null);
    if (ip == null || ip.isUnspecified() || ip.isMulticast() || ip.isLoopback()) {
      throw invalid(flag + " " + text + " is no address that packets of this node come by");
    }
    return ip;
  }

  private Party party(Ip ip, @Nullable String service) {
    if (service != null) {
      return new Party(ip, Party.Where.SERVICE, 0, service);
    }
    NodeTables.Endpoint endpoint = world.node().endpoints().get(ip);
    boolean host = endpoint != null && (endpoint.flags() & EndpointFlag.ENDPOINT_HOST) != 0;
    if (host) {
      return new Party(ip, Party.Where.HOST, 0, "this host");
    }
    PodState pod = TraceNames.podOf(world.image(), ip);
    if (endpoint != null) {
      String name = pod == null ? "a pod of this node" : Party.podName(pod);
      return new Party(ip, Party.Where.POD, endpoint.ifindex(), name);
    }
    String name =
        pod == null
            ? "outside"
            : Party.podName(pod) + (pod.nodeName() == null ? "" : " on node " + pod.nodeName());
    return new Party(ip, Party.Where.OUTSIDE, 0, name);
  }

  // ---- what -----------------------------------------------------------------------------------

  private MadePacket packet(TraceRequest request, Ip source, Ip destination) throws AdminException {
    boolean echo = request.getProtocol().equals("icmp");
    int protocol =
        switch (request.getProtocol()) {
          case "", "tcp" -> MadePacket.TCP;
          case "udp" -> MadePacket.UDP;
          case "sctp" -> MadePacket.SCTP;
          case "icmp" -> source.isV4() ? MadePacket.ICMP : MadePacket.ICMPV6;
          default ->
              throw invalid(
                  "--protocol " + request.getProtocol() + " is none of tcp, udp, sctp, icmp");
        };
    int port = request.getPort();
    if (echo && port != 0) {
      throw invalid("--port has no meaning with --protocol icmp");
    }
    if (!echo && (port < 1 || port > PORT_MAX)) {
      throw invalid("--port is not between 1 and " + PORT_MAX + ": " + port);
    }
    int from = request.getSourcePort();
    if (from < 0 || from > PORT_MAX) {
      throw invalid("--source-port is not between 1 and " + PORT_MAX + ": " + from);
    }
    int sourcePort = from != 0 ? from : random.nextInt(EPHEMERAL_MIN, EPHEMERAL_MAX + 1);
    return new MadePacket(source, destination, protocol, sourcePort, port);
  }

  // ---- where ----------------------------------------------------------------------------------

  private TracePlan at(MadePacket packet, Party from, Party to) throws AdminException {
    return switch (from.where()) {
      case POD -> {
        int device = from.ifindex() != 0 ? from.ifindex() : device(Role.POD, "--from");
        yield new TracePlan(packet, from, to, "pod_in", device, device);
      }
      case HOST ->
          to.where() == Party.Where.POD && to.ifindex() != 0
              ? new TracePlan(packet, from, to, "pod_out", to.ifindex(), 0)
              : new TracePlan(packet, from, to, "uplink_out", device(Role.UPLINK, "--from"), 0);
      case OUTSIDE, SERVICE -> {
        int device = device(Role.UPLINK, "--from");
        yield new TracePlan(packet, from, to, "uplink_in", device, device);
      }
    };
  }

  /** The first device of the role: an uplink that has a default route before others. */
  private int device(Role role, String flag) throws AdminException {
    List<Integer> devices = new ArrayList<>();
    world
        .node()
        .attachments()
        .forEach(
            (ifindex, has) -> {
              if (has == role) {
                devices.add(ifindex);
              }
            });
    for (int ifindex : devices) {
      if (world.image().host().defaultRouteDevices().contains(ifindex)) {
        return ifindex;
      }
    }
    if (devices.isEmpty()) {
      throw new AdminException(
          Error.Code.NOT_FOUND,
          flag
              + ": this node has no "
              + (role == Role.POD ? "device of a pod" : "uplink")
              + " that its packets could come by: see `millrace status`");
    }
    return devices.get(0);
  }

  private static AdminException invalid(String message) {
    return new AdminException(Error.Code.INVALID_ARGUMENT, message);
  }
}
