// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.model.ClusterDelta;
import io.millrace.model.ClusterImage;
import io.millrace.model.ClusterObject;
import io.millrace.model.HostState;
import io.millrace.model.Ip;
import io.millrace.model.Protocol;
import io.millrace.model.ServiceKey;
import io.millrace.model.ServiceSpec;
import io.millrace.model.SliceState;
import io.millrace.model.SliceState.Endpoint;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which health check ports a node has, and what they count: S-130, S-135. */
class HealthCheckTest {
  private static final ServiceKey WEB = new ServiceKey("default", "web");
  private static final List<String> V4 = List.of("10.96.0.1");
  private static final List<String> BOTH = List.of("10.96.0.1", "fd00::1");

  @Test
  void readyAddressesOfThisNodeCountOnce() {
    assertThat(
            HealthCheck.of(
                service(V4, 32_000),
                List.of(
                    slice("a", ready("10.0.0.1", "n1"), ready("10.0.0.2", "n1")),
                    slice("b", ready("10.0.0.1", "n1"), ready("10.0.0.3", "n2")),
                    slice("c", new Endpoint(ip("10.0.0.4"), true, true, false, null, null))),
                "n1"))
        .isEqualTo(new HealthCheck(32_000, 2));
  }

  @Test
  void whatIsEndingOrNotReadyDoesNotCount() {
    SliceState slice =
        slice(
            "a",
            new Endpoint(ip("10.0.0.1"), false, true, true, "n1", null),
            new Endpoint(ip("10.0.0.2"), false, false, false, "n1", null));
    assertThat(HealthCheck.of(service(V4, 32_000), List.of(slice), "n1"))
        .isEqualTo(new HealthCheck(32_000, 0));
  }

  @Test
  void podsWithAddressesOfBothFamiliesCountOnce() {
    List<SliceState> slices =
        List.of(
            slice("a", ready("10.0.0.1", "n1"), ready("10.0.0.2", "n1")),
            slice("b", ready("fd00::1:1", "n1"), ready("fd00::1:2", "n1"), ready("fd00::3", "n1")));
    assertThat(HealthCheck.of(service(BOTH, 1), slices, "n1")).isEqualTo(new HealthCheck(1, 3));
    assertThat(HealthCheck.of(service(V4, 1), slices, "n1")).isEqualTo(new HealthCheck(1, 2));
  }

  @Test
  void slicesOfOthersOrWithoutAPortDoNotCount() {
    SliceState good = slice("a", ready("10.0.0.1", "n1"));
    SliceState other =
        new SliceState("default", "b", WEB, true, false, 0, good.ports(), good.endpoints());
    SliceState portless =
        new SliceState("default", "c", WEB, false, false, 0, List.of(), good.endpoints());
    assertThat(HealthCheck.of(service(V4, 1), List.of(other, portless), "n1"))
        .isEqualTo(new HealthCheck(1, 0));
  }

  @Test
  void portsComeAndGoWithTheirServices() {
    Compiler compiler = new Compiler(NodeConfig.automatic("n1"));
    compiler.compileAll(ClusterImage.EMPTY);
    assertThat(compiler.healthChecks()).isEqualTo(HealthChecks.NONE);
    ClusterImage image = change(compiler, ClusterImage.EMPTY, service(V4, 32_000));
    assertThat(compiler.healthChecks())
        .isEqualTo(new HealthChecks(null, Map.of(WEB, new HealthCheck(32_000, 0))));
    image = change(compiler, image, slice("a", ready("10.0.0.1", "n1")));
    assertThat(compiler.healthChecks().services()).containsValue(new HealthCheck(32_000, 1));
    image = change(compiler, image, service(V4, 32_001));
    assertThat(compiler.healthChecks().services()).containsValue(new HealthCheck(32_001, 1));
    change(compiler, image, service(V4, 0));
    assertThat(compiler.healthChecks()).isEqualTo(HealthChecks.NONE);
  }

  @Test
  void theyStandWhereNodePortsDo() {
    NodeConfig config =
        new NodeConfig(
            "n1",
            null,
            null,
            List.of(),
            NodePortAddresses.parse("192.0.2.0/24"),
            true,
            XdpMode.AUTO,
            true);
    Compiler compiler = new Compiler(config);
    ClusterImage image = change(compiler, ClusterImage.EMPTY, service(V4, 32_000));
    assertThat(compiler.healthChecks().at()).isEmpty();
    HostState.Link eth0 =
        new HostState.Link(2, "eth0", "", true, 0x0200_0000_0001L, true, 0, false);
    change(
        compiler,
        image,
        new HostState(
            List.of(eth0),
            List.of(
                new HostState.Address(2, ip("192.0.2.1"), 24, true),
                new HostState.Address(2, ip("198.51.100.1"), 24, true)),
            List.of(),
            Set.of(2)));
    assertThat(compiler.healthChecks().at()).containsExactly(ip("192.0.2.1"));
  }

  private static ClusterImage change(Compiler compiler, ClusterImage image, ClusterObject object) {
    ClusterDelta delta = new ClusterDelta(image);
    delta.put(object);
    ClusterImage next = delta.apply();
    compiler.compile(next, delta);
    return next;
  }

  private static ServiceSpec service(List<String> clusterIps, int healthPort) {
    return new ServiceSpec(
        WEB,
        0,
        false,
        false,
        clusterIps.stream().map(Ip::parse).toList(),
        List.of(),
        List.of(),
        false,
        true,
        0,
        List.of(),
        healthPort,
        List.of(new ServiceSpec.Port("", Protocol.TCP, 80, 30_080)));
  }

  private static SliceState slice(String name, Endpoint... endpoints) {
    return new SliceState(
        "default",
        name,
        WEB,
        false,
        endpoints[0].ip().isV6(),
        0,
        List.of(new SliceState.Port("", Protocol.TCP, 8080)),
        List.of(endpoints));
  }

  private static Endpoint ready(String ip, String node) {
    return new Endpoint(ip(ip), true, true, false, node, null);
  }

  private static Ip ip(String text) {
    return Ip.parse(text);
  }
}
