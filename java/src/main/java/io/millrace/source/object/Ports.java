// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.object;

import io.millrace.model.Protocol;
import java.util.Set;

/** What ports of Services and EndpointSlices have in common. */
final class Ports {
  static final int MAX = 65_535;

  private static final Set<String> PROTOCOLS = Set.of("TCP", "UDP", "SCTP");

  private Ports() {}

  /** TCP if absent. */
  static Protocol protocol(Field field) throws FieldException {
    return Protocol.valueOf(field.oneOf(PROTOCOLS, "TCP"));
  }
}
