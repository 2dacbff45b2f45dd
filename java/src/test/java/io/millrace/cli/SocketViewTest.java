// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import static io.millrace.cli.Printed.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.admin.proto.SocketStatus;
import io.millrace.admin.proto.Status;
import org.junit.jupiter.api.Test;

/** What {@code millrace status} says of sockets. */
final class SocketViewTest {
  private static String print(Status status) {
    return text(out -> StatusView.print(status, out));
  }

  @Test
  void theUpkeepOfSockets() {
    SocketStatus.Builder sockets =
        SocketStatus.newBuilder()
            .setEnded(1234)
            .setRuns(2)
            .setLastUs(5100)
            .setByProgram(true)
            .setNamespaces(201)
            .setPodsOptedOut(1);
    assertThat(print(Status.newBuilder().setSockets(sockets).build()))
        .contains(
            "sockets:  1,234 ended with their endpoint by program, in 2 walks through 201"
                + " namespaces; last took 5,100 us; 1 pod opted out\n");
    sockets
        .setByProgram(false)
        .setNamespacesFailed(3)
        .addPodsNotFound("test/a")
        .addPodsNotFound("test/b");
    assertThat(print(Status.newBuilder().setSockets(sockets).build()))
        .contains(
            "by netlink",
            "201 namespaces (3 failed); ",
            "1 pod opted out, not found: test/a test/b\n");
  }

  @Test
  void nothingIfTheyAreNotServed() {
    assertThat(print(Status.getDefaultInstance())).doesNotContain("sockets:");
  }
}
