// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import java.util.List;

/**
 * What matters of a Service.
 *
 * @param service its name
 * @param createdEpochSecond {@code metadata.creationTimestamp}, 0 if unknown; of two Services that
 *     want the same frontend the older one gets it
 * @param externalName {@code type: ExternalName} (S-002)
 * @param otherProxy labelled for another proxy (S-003) or as headless (S-004): not ours
 * @param clusterIps {@code spec.clusterIPs} (S-009), empty for a headless one (S-001)
 * @param externalIps {@code spec.externalIPs}
 * @param loadBalancerIps {@code status.loadBalancer.ingress[].ip} but those of mode Proxy (S-111)
 * @param internalLocal {@code internalTrafficPolicy: Local}
 * @param externalLocal {@code externalTrafficPolicy: Local}
 * @param affinitySeconds {@code sessionAffinity: ClientIP} with its timeout; 0 for none
 * @param sourceRanges {@code loadBalancerSourceRanges} of a {@code type: LoadBalancer}, both
 *     families in one list (S-112); empty for none
 * @param healthCheckNodePort where a {@code type: LoadBalancer} with {@code externalTrafficPolicy:
 *     Local} tells whether it has local endpoints (S-130); 0 for none
 */
public record ServiceSpec(
    ServiceKey service,
    long createdEpochSecond,
    boolean externalName,
    boolean otherProxy,
    List<Ip> clusterIps,
    List<Ip> externalIps,
    List<Ip> loadBalancerIps,
    boolean internalLocal,
    boolean externalLocal,
    int affinitySeconds,
    List<Cidr> sourceRanges,
    int healthCheckNodePort,
    List<Port> ports)
    implements ClusterObject {
  public ServiceSpec {
    clusterIps = List.copyOf(clusterIps);
    externalIps = List.copyOf(externalIps);
    loadBalancerIps = List.copyOf(loadBalancerIps);
    sourceRanges = List.copyOf(sourceRanges);
    ports = List.copyOf(ports);
  }

  /**
   * A port of a Service.
   *
   * @param name empty if it has none
   * @param port 1…65535
   * @param nodePort 0 if it has none
   */
  public record Port(String name, Protocol protocol, int port, int nodePort) {}

  @Override
  public ObjectKey key() {
    return new ObjectKey(ObjectKey.Kind.SERVICE, service.namespace(), service.name());
  }
}
