// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile;

import io.millrace.bpf.Role;
import io.millrace.bpf.XdpUse;
import io.millrace.model.Cidr;
import io.millrace.model.Ip;
import io.millrace.model.ObjectKey;
import io.millrace.model.Problem;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the kernel should hold about this node itself.
 *
 * @param endpoints who has which address here
 * @param cluster blocks of pods' addresses, of all nodes
 * @param devices by ifindex; 0 holds the primary addresses
 * @param attachments which programs stand on which device
 * @param xdp which uplinks are to have the XDP program, and which devices for those above them;
 *     every uplink is named
 * @param vlans what VLAN tags mean to XDP; {@code vlans} of abi.h
 * @param names of the devices that have programs, for messages
 * @param optedOut pods whose sockets are left alone, and their addresses
 * @param podCidrs blocks that the addresses of this node's pods are of
 */
public record NodeTables(
    Map<Ip, Endpoint> endpoints,
    Set<Cidr> cluster,
    Map<Integer, Device> devices,
    Map<Integer, Role> attachments,
    Map<Integer, Xdp> xdp,
    Map<VlanKey, Vlan> vlans,
    Map<Integer, String> names,
    Map<ObjectKey, List<Ip>> optedOut,
    Set<Cidr> podCidrs,
    List<Problem> problems) {
  /** Nothing at all. */
  public static final NodeTables EMPTY =
      new NodeTables(
          Map.of(), Set.of(), Map.of(), Map.of(), Map.of(), Map.of(), Map.of(), Map.of(), Set.of(),
          List.of());

  public NodeTables {
    endpoints = Collections.unmodifiableMap(new TreeMap<>(endpoints));
    cluster = Set.copyOf(cluster);
    devices = Collections.unmodifiableMap(new TreeMap<>(devices));
    attachments = Collections.unmodifiableMap(new TreeMap<>(attachments));
    xdp = Collections.unmodifiableMap(new TreeMap<>(xdp));
    vlans = Collections.unmodifiableMap(new TreeMap<>(vlans));
    names = Collections.unmodifiableMap(new TreeMap<>(names));
    optedOut = Collections.unmodifiableMap(new TreeMap<>(optedOut));
    podCidrs = Set.copyOf(podCidrs);
    problems = List.copyOf(problems);
  }

  /**
   * What is wanted of XDP on a device.
   *
   * @param obstacle why it is not to have the program, in words; empty if it is
   * @param parent the device that the program stands on for this one, a VLAN; 0 = this one itself
   * @param uses what it is besides a plain uplink
   */
  public record Xdp(String obstacle, int parent, Set<XdpUse> uses) {
    public Xdp {
      uses = Set.copyOf(uses);
    }

    /** The program is to stand here. */
    public static Xdp here(Set<XdpUse> uses) {
      return new Xdp("", 0, uses);
    }

    /** It is to stand on the device below. */
    public static Xdp on(int parent) {
      return new Xdp("", parent, Set.of());
    }

    /** There is to be none. */
    public static Xdp off(String obstacle) {
      return new Xdp(obstacle, 0, Set.of());
    }

    /** Whether the program is to stand on this very device. */
    public boolean wanted() {
      return obstacle.isEmpty() && parent == 0;
    }
  }

  /**
   * A question about tags.
   *
   * @param vid 0: which tag do frames of the VLAN device get?
   */
  public record VlanKey(int ifindex, int vid) implements Comparable<VlanKey> {
    @Override
    public int compareTo(VlanKey other) {
      int first = Integer.compare(ifindex, other.ifindex);
      return first != 0 ? first : Integer.compare(vid, other.vid);
    }
  }

  /** The answer: the VLAN device, or the one below it. */
  public record Vlan(int ifindex, int vid) {}

  /**
   * Who has an address.
   *
   * @param ifindex host side of the pod's veth, 0 if not known
   * @param flags {@code enum endpoint_flag}
   */
  public record Endpoint(int ifindex, int flags) {}

  /**
   * A device.
   *
   * @param mac 48 bits
   * @param role {@code enum dev_role}
   * @param flags {@code enum dev_flag}
   */
  public record Device(@Nullable Ip v4, @Nullable Ip v6, long mac, int role, int flags) {
    /** Without flags. */
    public Device(@Nullable Ip v4, @Nullable Ip v6, long mac, int role) {
      this(v4, v6, mac, role, 0);
    }
  }
}
