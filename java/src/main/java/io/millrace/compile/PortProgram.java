// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile;

import io.millrace.bpf.abi.SvcAlgo;
import io.millrace.bpf.abi.SvcFlag;
import io.millrace.model.Cidr;
import io.millrace.model.ServicePortKey;
import java.util.Comparator;
import java.util.List;

/**
 * What one ServicePort wants of the kernel.
 *
 * @param createdEpochSecond age of its Service, for conflicts
 * @param rules its frontends, in order
 * @param targets4 its IPv4 endpoints in use, in order
 * @param targets6 its IPv6 endpoints in use, in order
 * @param affinitySeconds 0 for no session affinity
 */
public record PortProgram(
    ServicePortKey key,
    long createdEpochSecond,
    List<Rule> rules,
    List<Target> targets4,
    List<Target> targets6,
    int affinitySeconds) {
  /** Of frontends of one kind: the older Service, then the first by name. */
  private static final Comparator<PortProgram> PRECEDENCE =
      Comparator.comparingLong(PortProgram::age).thenComparing(PortProgram::key);

  public PortProgram {
    rules = List.copyOf(rules);
    targets4 = List.copyOf(targets4);
    targets6 = List.copyOf(targets6);
  }

  /**
   * A frontend of the port.
   *
   * @param flags {@code enum svc_flag}
   * @param algo {@code enum svc_algo}: how to choose among several backends
   * @param sources who may ask, in order; empty for everybody
   */
  public record Rule(Frontend frontend, Kind kind, int flags, int algo, List<Cidr> sources) {
    public Rule {
      sources = List.copyOf(sources);
    }

    /** One that everybody may ask. */
    Rule(Frontend frontend, Kind kind, int flags, int algo) {
      this(frontend, kind, flags, algo, List.of());
    }

    /** Whether a traffic policy leads some clients to the Local set. */
    public boolean usesLocal() {
      return (flags & (SvcFlag.SVC_LOCAL | SvcFlag.SVC_LOCAL_EXTERNAL)) != 0;
    }

    public boolean usesRing() {
      return algo == SvcAlgo.SVC_ALGO_MAGLEV;
    }
  }

  /**
   * What a frontend is to its Service. Of several that want one, the first kind gets it: a
   * ClusterIP and a VIP were allocated, an externalIP anybody may write into his Service, and
   * nodePorts are looked at last (S-097).
   */
  public enum Kind {
    CLUSTER_IP("ClusterIP"),
    /** Of {@code status.loadBalancer}. */
    VIP("LoadBalancer VIP"),
    /** Of {@code spec.externalIPs}, and not a VIP as well. */
    EXTERNAL("externalIP"),
    /** An address of this node with a nodePort. */
    NODE_PORT("nodePort"),
    /** An address of this node with a hostPort of a Pod (S-171). */
    HOST_PORT("hostPort");

    private final String title;

    Kind(String title) {
      this.title = title;
    }

    /** As it is called in messages. */
    String title() {
      return title;
    }
  }

  /** Who gets a frontend that several want comes first. */
  static Comparator<PortProgram> precedence(Frontend contested) {
    return Comparator.comparing((PortProgram port) -> port.kindOf(contested))
        .thenComparing(PRECEDENCE);
  }

  Kind kindOf(Frontend frontend) {
    for (Rule rule : rules) {
      if (rule.frontend().equals(frontend)) {
        return rule.kind();
      }
    }
    throw new IllegalArgumentException(key + " has no frontend " + frontend);
  }

  private long age() {
    return createdEpochSecond == 0 ? Long.MAX_VALUE : createdEpochSecond;
  }
}
