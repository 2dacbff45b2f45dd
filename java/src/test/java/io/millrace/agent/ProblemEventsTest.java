// SPDX-License-Identifier: Apache-2.0
package io.millrace.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.model.ObjectKey;
import io.millrace.model.Problem;
import io.millrace.source.kubernetes.ObjectEvent;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProblemEventsTest {
  private final List<ObjectEvent> events = new ArrayList<>();
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
            ObjectEvent.ofService("a", "one", "NotProgrammed", "spec.externalIPs: taken"),
            ObjectEvent.ofService("a", "two", "NotProgrammed", "port http/TCP: no room"),
            ObjectEvent.ofService("a", "three", "NotProgrammed", "port UDP: no room"),
            ObjectEvent.ofService(
                "a", "four", "KubeProxyIncorrectIPVersion", "EndpointSlice four-x: left out"),
            ObjectEvent.ofService("a", "five", "InvalidObject", "spec.ports[0].port: is no port"),
            ObjectEvent.ofService(
                "a", "six", "FailedToStartServiceHealthcheck", "spec.healthCheckNodePort: in use"));
  }

  @Test
  void problemsOfPoliciesDoSo() {
    board.set("services", List.of(problem("NetworkPolicy a/one", "spec.ingress", "too many")));
    board.set("kubernetes", List.of(problem("NetworkPolicy a/two", "spec.egress[0]", "is bad")));
    assertThat(events)
        .containsExactlyInAnyOrder(
            new ObjectEvent(policy("one"), "NotProgrammed", "spec.ingress: too many"),
            new ObjectEvent(policy("two"), "InvalidObject", "spec.egress[0]: is bad"));
  }

  private static ObjectKey policy(String name) {
    return new ObjectKey(ObjectKey.Kind.POLICY, "a", name);
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
    assertThat(events).extracting(ObjectEvent::name).containsExactly("one", "two");
    board.set("services", List.of(first));
    assertThat(events).extracting(ObjectEvent::name).containsExactly("one", "two", "one");
  }
}
