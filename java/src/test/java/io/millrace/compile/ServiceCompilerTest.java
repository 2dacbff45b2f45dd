// SPDX-License-Identifier: Apache-2.0
package io.millrace.compile;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.compile.PortProgram.Kind;
import io.millrace.model.CidrSet;
import io.millrace.model.Ip;
import io.millrace.model.Protocol;
import io.millrace.model.ServiceKey;
import io.millrace.model.ServiceSpec;
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
  private static final Ip OTHER_FAMILY = Ip.parse("2001:db8::1");

  @Test
  void aRuleKnowsWhatItsFrontendIs() {
    ServiceSpec spec =
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
    NodeFacts facts =
        new NodeFacts(
            "n1",
            "",
            List.of(NODE),
            List.of(LOOPBACK),
            Set.of(NODE),
            true,
            true,
            new NodeFacts.Inside(Set.of(NODE), CidrSet.EMPTY));
    ServiceProgram program = ServiceCompiler.compile(spec, List.of(), facts);
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
}
