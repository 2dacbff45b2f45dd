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
 */
public record SliceState(
    String namespace,
    String name,
    @Nullable ServiceKey service,
    boolean otherProxy,
    boolean v6,
    List<Port> ports,
    List<Endpoint> endpoints)
    implements ClusterObject {
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
   */
  public record Endpoint(
      Ip ip, boolean ready, boolean serving, boolean terminating, @Nullable String nodeName) {}

  @Override
  public ObjectKey key() {
    return new ObjectKey(ObjectKey.Kind.SLICE, namespace, name);
  }
}
