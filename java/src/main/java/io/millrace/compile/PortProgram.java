// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile;

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
  /** Who gets a frontend that several want: the older Service, then the first by name. */
  static final Comparator<PortProgram> PRECEDENCE =
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
   */
  public record Rule(Frontend frontend, Kind kind, int flags, int algo) {}

  /** What a frontend is to its Service. */
  public enum Kind {
    CLUSTER_IP,
    /** Of {@code spec.externalIPs}. */
    EXTERNAL,
    /** Of {@code status.loadBalancer}, and not an externalIP as well. */
    VIP,
    /** An address of this node with a nodePort. */
    NODE_PORT,
  }

  private long age() {
    return createdEpochSecond == 0 ? Long.MAX_VALUE : createdEpochSecond;
  }
}
