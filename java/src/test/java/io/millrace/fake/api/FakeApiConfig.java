// SPDX-License-Identifier: Apache-2.0
package io.millrace.fake.api;

import io.netty.handler.ssl.SslContext;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a fake API server is to be.
 *
 * @param adminAddress where it is controlled, without access control
 * @param token what clients must send; empty: nothing
 * @param tls null: plain HTTP
 * @param ca the certificate that clients trust, where there is TLS
 * @param rbac what clients may do; null: everything
 * @param history how many changes of each resource watches can go back
 */
public record FakeApiConfig(
    InetSocketAddress address,
    InetSocketAddress adminAddress,
    String token,
    @Nullable SslContext tls,
    @Nullable Path ca,
    @Nullable Rbac rbac,
    int history,
    Duration bookmarkEvery) {

  /** On loopback, without access control. */
  public static FakeApiConfig plain() {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    return new FakeApiConfig(any, any, "", null, null, null, 10_000, Duration.ofSeconds(60));
  }

  public FakeApiConfig at(InetSocketAddress newAddress, InetSocketAddress newAdminAddress) {
    return new FakeApiConfig(
        newAddress, newAdminAddress, token, tls, ca, rbac, history, bookmarkEvery);
  }

  public FakeApiConfig withToken(String newToken) {
    return new FakeApiConfig(
        address, adminAddress, newToken, tls, ca, rbac, history, bookmarkEvery);
  }

  public FakeApiConfig withTls(SslContext newTls, Path newCa) {
    return new FakeApiConfig(
        address, adminAddress, token, newTls, newCa, rbac, history, bookmarkEvery);
  }

  public FakeApiConfig withRbac(Rbac newRbac) {
    return new FakeApiConfig(
        address, adminAddress, token, tls, ca, newRbac, history, bookmarkEvery);
  }

  public FakeApiConfig withHistory(int newHistory) {
    return new FakeApiConfig(
        address, adminAddress, token, tls, ca, rbac, newHistory, bookmarkEvery);
  }

  public FakeApiConfig withBookmarkEvery(Duration every) {
    return new FakeApiConfig(address, adminAddress, token, tls, ca, rbac, history, every);
  }
}
