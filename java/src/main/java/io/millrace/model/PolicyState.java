// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What matters of a NetworkPolicy. {@code policyTypes} is already applied (policy S4): rules of a
 * direction that it does not have are left out.
 *
 * @param audit what its annotation {@link #AUDIT} says; null if it has none
 * @param podSelector the pods of its namespace that it holds for
 * @param hasIngress connections to them need a rule
 * @param hasEgress connections from them need a rule
 */
public record PolicyState(
    String namespace,
    String name,
    @Nullable String audit,
    LabelSelector podSelector,
    boolean hasIngress,
    boolean hasEgress,
    List<Rule> ingress,
    List<Rule> egress)
    implements ClusterObject {
  /** The annotation, here or on a Namespace, by which denials are reported and let through. */
  public static final String AUDIT = "millrace.io/audit";

  public PolicyState {
    ingress = hasIngress ? List.copyOf(ingress) : List.of();
    egress = hasEgress ? List.copyOf(egress) : List.of();
  }

  /**
   * Allows connections with one of the peers, to one of the ports.
   *
   * @param peers empty: everybody (policy S6)
   * @param ports empty: all ports, and all protocols (policy P1)
   */
  public record Rule(List<Peer> peers, List<Port> ports) {
    public Rule {
      peers = List.copyOf(peers);
      ports = List.copyOf(ports);
    }
  }

  /** Whom a rule speaks of. */
  public sealed interface Peer permits Pods, Block {}

  /**
   * Pods.
   *
   * @param namespaces null: the policy's own namespace
   */
  public record Pods(@Nullable LabelSelector namespaces, LabelSelector pods) implements Peer {}

  /** Addresses, of pods and of others: those of a block that are in none of its excepts. */
  public record Block(Cidr cidr, List<Cidr> excepts) implements Peer {
    public Block {
      excepts = excepts.stream().distinct().sorted().toList();
    }

    public boolean contains(Ip ip) {
      return cidr.contains(ip) && excepts.stream().noneMatch(except -> except.contains(ip));
    }

    /** Whether it is all of a family. */
    public boolean isEverything() {
      return cidr.prefix() == 0 && excepts.isEmpty();
    }
  }

  /** Which ports a rule speaks of. */
  public sealed interface Port permits PortRange, PortName {
    Protocol protocol();
  }

  /** Ports by number, both ends included; {@code from} 0 and {@code to} 65535: all of them. */
  public record PortRange(Protocol protocol, int from, int to) implements Port {
    public static final int MAX = 65_535;
  }

  /** The port that the pod which is connected to calls so (policy P4, P5). */
  public record PortName(Protocol protocol, String name) implements Port {}

  @Override
  public ObjectKey key() {
    return new ObjectKey(ObjectKey.Kind.POLICY, namespace, name);
  }
}
