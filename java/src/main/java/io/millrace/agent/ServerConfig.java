// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Where the agent answers HTTP requests.
 *
 * @param healthz {@code /healthz} and {@code /livez}; null for nowhere
 * @param metrics {@code /metrics}, {@code /proxyMode} and {@code /healthz}; null for nowhere
 * @param hardFail whether the agent does not start if one of them cannot be had
 */
public record ServerConfig(
    @Nullable InetSocketAddress healthz, @Nullable InetSocketAddress metrics, boolean hardFail) {
  /** No servers. */
  public static final ServerConfig NONE = new ServerConfig(null, null, false);
}
