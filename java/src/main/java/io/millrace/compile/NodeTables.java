// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile;

import io.millrace.bpf.Role;
import io.millrace.model.Ip;
import io.millrace.model.ObjectKey;
import io.millrace.model.Problem;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the kernel should hold about this node itself.
 *
 * @param endpoints who has which address here
 * @param devices by ifindex; 0 holds the primary addresses
 * @param attachments which programs stand on which device
 * @param xdp which uplinks are to have the XDP program; every uplink is named
 * @param names of the attached devices, for messages
 * @param optedOut pods whose sockets are left alone, and their addresses
 */
public record NodeTables(
    Map<Ip, Endpoint> endpoints,
    Map<Integer, Device> devices,
    Map<Integer, Role> attachments,
    Map<Integer, Xdp> xdp,
    Map<Integer, String> names,
    Map<ObjectKey, List<Ip>> optedOut,
    List<Problem> problems) {
  /** Nothing at all. */
  public static final NodeTables EMPTY =
      new NodeTables(Map.of(), Map.of(), Map.of(), Map.of(), Map.of(), Map.of(), List.of());

  public NodeTables {
    endpoints = Collections.unmodifiableMap(new TreeMap<>(endpoints));
    devices = Collections.unmodifiableMap(new TreeMap<>(devices));
    attachments = Collections.unmodifiableMap(new TreeMap<>(attachments));
    xdp = Collections.unmodifiableMap(new TreeMap<>(xdp));
    names = Collections.unmodifiableMap(new TreeMap<>(names));
    optedOut = Collections.unmodifiableMap(new TreeMap<>(optedOut));
    problems = List.copyOf(problems);
  }

  /**
   * What is wanted of XDP on an uplink.
   *
   * @param obstacle why it is not to have the program, in words; empty if it is
   */
  public record Xdp(String obstacle) {
    public boolean wanted() {
      return obstacle.isEmpty();
    }
  }

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
   */
  public record Device(@Nullable Ip v4, @Nullable Ip v6, long mac, int role) {}
}
