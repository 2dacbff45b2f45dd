// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Whether sockets are led to their backends as they connect.
 *
 * @param cgroup the cgroup v2 folder whose sockets are served; null: none
 * @param reason why there is none, for people; empty if there is one
 */
public record SocketLb(@Nullable Path cgroup, String reason) {
  public static SocketLb on(Path cgroup) {
    return new SocketLb(cgroup, "");
  }

  public static SocketLb off(String reason) {
    return new SocketLb(null, reason);
  }

  public boolean isOn() {
    return cgroup != null;
  }
}
