// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.model.Problem;
import io.millrace.source.kubernetes.ServiceEvent;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProblemEventsTest {
  private final List<ServiceEvent> events = new ArrayList<>();
  private final ProblemBoard board = new ProblemBoard(() -> 0);

  ProblemEventsTest() {
    board.onNew(new ProblemEvents(events::add));
  }

  private static Problem problem(String object, String field, String reason) {
    return new Problem("", object, field, reason);
  }

  @Test
  void problemsOfServicesBecomeEvents() {
    board.set(
        "services",
        List.of(
            problem("Service a/one", "spec.externalIPs", "taken"),
            problem("Service a/two:http/TCP", "", "no room"),
            problem("Service a/three/UDP", "", "no room"),
            problem("Service a/four", "EndpointSlice four-x", "left out")));
    board.set("kubernetes", List.of(problem("Service a/five", "spec.ports[0].port", "is no port")));
    board.set(
        "health ports", List.of(problem("Service a/six", "spec.healthCheckNodePort", "in use")));
    assertThat(events)
        .containsExactly(
            new ServiceEvent("a", "one", "NotProgrammed", "spec.externalIPs: taken"),
            new ServiceEvent("a", "two", "NotProgrammed", "port http/TCP: no room"),
            new ServiceEvent("a", "three", "NotProgrammed", "port UDP: no room"),
            new ServiceEvent(
                "a", "four", "KubeProxyIncorrectIPVersion", "EndpointSlice four-x: left out"),
            new ServiceEvent("a", "five", "InvalidObject", "spec.ports[0].port: is no port"),
            new ServiceEvent(
                "a", "six", "FailedToStartServiceHealthcheck", "spec.healthCheckNodePort: in use"));
  }

  @Test
  void othersDoNot() {
    board.set("services", List.of(problem("device eth0", "", "x"), problem("", "", "x")));
    board.set("kubernetes", List.of(problem("EndpointSlice a/b", "", "x")));
    board.set("sockets", List.of(problem("Service a/b", "", "x")));
    assertThat(events).isEmpty();
  }

  @Test
  void onlyNewOnesAreTold() {
    Problem first = problem("Service a/one", "", "x");
    Problem second = problem("Service a/two", "", "x");
    board.set("services", List.of(first));
    board.set("services", List.of(first, second));
    board.set("services", List.of(second));
    assertThat(events).extracting(ServiceEvent::service).containsExactly("one", "two");
    board.set("services", List.of(first));
    assertThat(events).extracting(ServiceEvent::service).containsExactly("one", "two", "one");
  }
}
