// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import static io.millrace.cli.Printed.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.admin.proto.Endpoint;
import io.millrace.admin.proto.Service;
import io.millrace.admin.proto.ServicePort;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What {@code millrace services} prints, letter by letter. */
class ServicesViewTest {
  private static final Service WEB =
      Service.newBuilder()
          .setNamespace("default")
          .setName("web")
          .setType("NodePort")
          .setInternalTrafficPolicy("Cluster")
          .setExternalTrafficPolicy("Local")
          .addPorts(
              ServicePort.newBuilder()
                  .setName("http")
                  .setProtocol("TCP")
                  .setPort(80)
                  .setNodePort(30080)
                  .addFrontends("10.96.0.10:80")
                  .addFrontends("[fd00::10]:80")
                  .setEndpointsInUse(2)
                  .setEndpointsLocal(1)
                  .addEndpoints(
                      Endpoint.newBuilder()
                          .setAddress("10.1.0.5")
                          .setPort(8080)
                          .setLocal(true)
                          .setInUse(true)
                          .setBackendId(3))
                  .addEndpoints(Endpoint.newBuilder().setAddress("fd01::5").setPort(8080)))
          .build();

  @Test
  void servicesAsTable() {
    assertThat(text(out -> ServicesView.print(List.of(WEB), false, out)))
        .isEqualTo(
            """
            NAMESPACE  NAME  TYPE      PORT                           FRONTENDS         ENDPOINTS  LOCAL
            default    web   NodePort  80/TCP (node port 30080) http  10.96.0.10:80 +1  2          1
            """);
    assertThat(text(out -> ServicesView.print(List.of(), false, out))).isEqualTo("no services\n");
  }

  @Test
  void oneServiceInFull() {
    assertThat(text(out -> ServicesView.print(List.of(WEB), true, out)))
        .isEqualTo(
            """
            default/web  NodePort, internal traffic: Cluster, external traffic: Local

            port 80/TCP (node port 30080) http
              10.96.0.10:80
              [fd00::10]:80
              ENDPOINT        LOCAL  NEW FLOWS  BACKEND
              10.1.0.5:8080   yes    yes        3
              [fd01::5]:8080  no     no         -

            """);
  }
}
