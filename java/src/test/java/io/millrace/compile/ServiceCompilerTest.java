// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.compile.PortProgram.Kind;
import io.millrace.model.CidrSet;
import io.millrace.model.Ip;
import io.millrace.model.Problem;
import io.millrace.model.Protocol;
import io.millrace.model.ServiceKey;
import io.millrace.model.ServiceSpec;
import io.millrace.model.SliceState;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What a rule says that the tables of the kernel do not: see the cases for the rest. */
final class ServiceCompilerTest {
  private static final Ip CLUSTER = Ip.parse("10.96.0.1");
  private static final Ip EXTERNAL = Ip.parse("198.51.100.1");
  private static final Ip VIP = Ip.parse("198.51.100.2");
  private static final Ip NODE = Ip.parse("192.0.2.1");
  private static final Ip LOOPBACK = Ip.parse("127.0.0.1");
  private static final Ip ENDPOINT = Ip.parse("10.1.0.1");
  private static final Ip OTHER_FAMILY = Ip.parse("2001:db8::1");

  private static final ServiceSpec SPEC =
      new ServiceSpec(
          new ServiceKey("default", "web"),
          0,
          false,
          false,
          List.of(CLUSTER),
          List.of(EXTERNAL, OTHER_FAMILY),
          List.of(VIP, OTHER_FAMILY),
          false,
          false,
          0,
          List.of(),
          0,
          List.of(new ServiceSpec.Port("http", Protocol.TCP, 80, 30080)));

  private static final NodeFacts FACTS =
      new NodeFacts(
          "n1",
          "",
          List.of(NODE),
          List.of(LOOPBACK),
          Set.of(NODE),
          true,
          true,
          new NodeFacts.Inside(Set.of(NODE), CidrSet.EMPTY));

  @Test
  void aRuleKnowsWhatItsFrontendIs() {
    ServiceProgram program = ServiceCompiler.compile(SPEC, List.of(), FACTS);
    Map<String, Kind> kinds =
        program.ports().get(0).rules().stream()
            .collect(Collectors.toMap(rule -> rule.frontend().toString(), PortProgram.Rule::kind));
    assertThat(kinds)
        .containsOnly(
            Map.entry("10.96.0.1:80/TCP", Kind.CLUSTER_IP),
            Map.entry("198.51.100.1:80/TCP", Kind.EXTERNAL),
            Map.entry("198.51.100.2:80/TCP", Kind.VIP),
            Map.entry("192.0.2.1:30080/TCP", Kind.NODE_PORT),
            Map.entry("127.0.0.1:30080/TCP", Kind.NODE_PORT));
  }

  @Test
  void anEndpointOfTheOtherFamilyIsLeftOutAndSaidOfItsService() { // S-024
    SliceState slice =
        new SliceState(
            "default",
            "web-x",
            SPEC.service(),
            false,
            false,
            0,
            List.of(new SliceState.Port("http", Protocol.TCP, 8080)),
            List.of(endpoint(OTHER_FAMILY), endpoint(ENDPOINT)));
    ServiceProgram program = ServiceCompiler.compile(SPEC, List.of(slice), FACTS);
    assertThat(program.ports().get(0).targets4()).extracting(Target::ip).containsExactly(ENDPOINT);
    assertThat(program.ports().get(0).targets6()).isEmpty();
    assertThat(program.problems())
        .containsExactly(
            new Problem(
                "",
                "Service default/web",
                "EndpointSlice web-x",
                "endpoint 2001:db8::1 in an IPv4 slice, left out"));
  }

  private static SliceState.Endpoint endpoint(Ip ip) {
    return new SliceState.Endpoint(ip, true, true, false, null, null);
  }
}
