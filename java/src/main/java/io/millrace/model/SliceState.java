// SPDX-License-Identifier: Apache-2.0
package io.millrace.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What matters of an EndpointSlice.
 *
 * @param service the Service that it belongs to; null if it names none
 * @param otherProxy labelled for another proxy (S-003) or as headless (S-004): not ours
 * @param v6 {@code addressType: IPv6}; FQDN slices are not kept at all (S-006)
 * @param triggeredMs when what it tells of happened, as its annotation {@link #TRIGGER_TIME} says,
 *     in milliseconds of the epoch (S-178); 0 if not known
 */
public record SliceState(
    String namespace,
    String name,
    @Nullable ServiceKey service,
    boolean otherProxy,
    boolean v6,
    long triggeredMs,
    List<Port> ports,
    List<Endpoint> endpoints)
    implements ClusterObject {
  /** The annotation with the time of the change that led to this version of the slice. */
  public static final String TRIGGER_TIME = "endpoints.kubernetes.io/last-change-trigger-time";

  public SliceState {
    ports = List.copyOf(ports);
    endpoints = List.copyOf(endpoints);
  }

  /** A port that all endpoints of the slice serve; the name is empty if it has none. */
  public record Port(String name, Protocol protocol, int port) {}

  /**
   * One endpoint, conditions after their defaults (S-020).
   *
   * @param ip {@code addresses[0]} (S-024)
   * @param nodeName the node it runs on; null if not known
   * @param hints for whom it is meant (S-040); null if for everybody
   */
  public record Endpoint(
      Ip ip,
      boolean ready,
      boolean serving,
      boolean terminating,
      @Nullable String nodeName,
      @Nullable Hints hints) {}

  /**
   * Where an endpoint should be asked from. Equal ones are one object: a cluster has many endpoints
   * and few zones.
   *
   * @param zones {@code hints.forZones}
   * @param nodes {@code hints.forNodes}
   */
  public record Hints(List<String> zones, List<String> nodes) {
    public Hints {
      zones = List.copyOf(zones);
      nodes = List.copyOf(nodes);
    }
  }

  @Override
  public ObjectKey key() {
    return new ObjectKey(ObjectKey.Kind.SLICE, namespace, name);
  }
}
