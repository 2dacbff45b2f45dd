// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.agent.AgentConfig.PortRange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PortReservationTest {
  @TempDir Path settings;

  @BeforeEach
  void defaults() throws IOException {
    Files.writeString(settings.resolve("ip_local_port_range"), "32768\t60999\n");
    Files.writeString(settings.resolve("ip_local_reserved_ports"), "\n");
  }

  @Test
  void aRangeBelowTheEphemeralPortsNeedsNoReservation() throws IOException {
    assertThat(reserve(20_000, 29_999)).isEmpty();
    assertThat(reserved()).isEqualTo("\n");
  }

  @Test
  void anOverlapIsReservedBesidesWhatIsThere() throws IOException {
    Files.writeString(settings.resolve("ip_local_reserved_ports"), "8080,9000-9100\n");
    assertThat(reserve(30_000, 33_000)).isEmpty();
    assertThat(reserved()).isEqualTo("8080-8080,9000-9100,30000-33000\n");
  }

  @Test
  void whatIsReservedAlreadyIsLeftAlone() throws IOException {
    Files.writeString(settings.resolve("ip_local_reserved_ports"), "8080,30000-40000\n");
    assertThat(reserve(30_000, 33_000)).isEmpty();
    assertThat(reserved()).isEqualTo("8080,30000-40000\n");
  }

  @Test
  void aSettingThatCannotBeReadIsAProblemThatSaysWhatToDo() throws IOException {
    Files.delete(settings.resolve("ip_local_reserved_ports"));
    assertThat(reserve(30_000, 33_000))
        .singleElement()
        .asString()
        .contains("--snat-ports 30000-33000")
        .contains("add it to net.ipv4.ip_local_reserved_ports");
  }

  private java.util.List<io.millrace.model.Problem> reserve(int min, int max) {
    return new PortReservation(settings).reserve(new PortRange(min, max));
  }

  private String reserved() throws IOException {
    return Files.readString(settings.resolve("ip_local_reserved_ports"));
  }
}
