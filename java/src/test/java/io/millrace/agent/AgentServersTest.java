// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.http.HttpHandler;
import io.millrace.http.HttpServers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AgentServersTest {
  private static final HttpHandler NONE =
      request -> {
        throw new IllegalStateException("nobody asks");
      };

  private final ProblemBoard problems = new ProblemBoard(System::nanoTime);

  @Test
  void aTakenPortEndsTheAgentIfThatIsWanted() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        HttpServers http = HttpServers.start()) {
      InetSocketAddress at = (InetSocketAddress) taken.getLocalSocketAddress();
      AgentServers hard = new AgentServers(new ServerConfig(null, at, true), http, problems);
      assertThatThrownBy(() -> hard.serve(NONE, NONE))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("--metrics-bind-address 127.0.0.1:" + at.getPort())
          .hasMessageContaining("free it, or use --bind-address-hard-fail=off");
      new AgentServers(new ServerConfig(null, at, false), http, problems).serve(NONE, NONE);
    }
  }

  @Test
  void freePortsAreTakenAtOnce() throws Exception {
    InetSocketAddress free;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = (InetSocketAddress) socket.getLocalSocketAddress();
    }
    try (HttpServers http = HttpServers.start()) {
      new AgentServers(new ServerConfig(free, null, true), http, problems).serve(NONE, NONE);
      assertThat(problems.count()).isZero();
    }
  }
}
