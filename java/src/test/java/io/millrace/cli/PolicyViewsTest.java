// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import static io.millrace.cli.Printed.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.admin.proto.Event;
import io.millrace.admin.proto.PodPolicies;
import io.millrace.admin.proto.PolicyDirection;
import io.millrace.admin.proto.PolicyRule;
import io.millrace.admin.proto.PolicyStatus;
import io.millrace.admin.proto.Status;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What people and scripts read of policies, letter by letter. */
final class PolicyViewsTest {
  private static final PodPolicies WEB =
      PodPolicies.newBuilder()
          .setNamespace("shop")
          .setName("web")
          .addAddresses("10.1.0.1")
          .addAddresses("fd00:1::1")
          .setIngress(
              PolicyDirection.newBuilder()
                  .setIsolated(true)
                  .addPolicies("shop/in")
                  .addPolicies("shop/deny")
                  .setRuleCount(1)
                  .addRules(
                      PolicyRule.newBuilder()
                          .setPolicy("shop/in")
                          .setRule(0)
                          .setText("from pods app=front; TCP 80")))
          .setEgress(PolicyDirection.getDefaultInstance())
          .build();

  private static final Event DENIED =
      Event.newBuilder()
          .setNumber(3)
          .setUnixMs(1_000)
          .setVerdict("denied")
          .setDirection("ingress")
          .setReason("policy_ingress")
          .setProtocol("tcp")
          .setClient("10.1.0.7")
          .setClientPort(40_000)
          .setClientPod("shop/cart")
          .setServer("10.1.0.1")
          .setServerPort(8080)
          .setServerPod("shop/web")
          .setFrontend("10.96.0.1")
          .setFrontendPort(80)
          .setService("shop/web:http/TCP")
          .setRule(-1)
          .addIsolatedBy("shop/in")
          .build();

  @Test
  void podsAreLines() {
    PodPolicies audited =
        PodPolicies.newBuilder()
            .setNamespace("shop")
            .setName("db")
            .addAddresses("10.1.0.2")
            .setIngress(
                PolicyDirection.newBuilder()
                    .setIsolated(true)
                    .setAudit(true)
                    .addPolicies("shop/try")
                    .setRuleCount(2))
            .build();
    assertThat(text(out -> PoliciesView.print(List.of(WEB, audited), out)))
        .isEqualTo(
            """
            NAMESPACE  POD  ADDRESSES           INGRESS         EGRESS  POLICIES
            shop       web  10.1.0.1 fd00:1::1  1 rule          open    2
            shop       db   10.1.0.2            audit, 2 rules  open    1
            """);
  }

  @Test
  void aPodShowsItsRules() {
    assertThat(text(out -> PoliciesView.printRules(WEB, out)))
        .isEqualTo(
            """
            shop/web (10.1.0.1 fd00:1::1)

            ingress: isolated by shop/in, shop/deny
            POLICY   RULE  ALLOWS
            shop/in  0     from pods app=front; TCP 80

            egress: open, no policy isolates the pod: everybody may
            """);
  }

  @Test
  void aDenialIsALine() {
    assertThat(text(out -> EventsView.print(DENIED, out)))
        .isEqualTo(
            "1970-01-01T00:00:01Z denied ingress tcp shop/cart (10.1.0.7:40000) -> shop/web"
                + " (10.1.0.1:8080) by service shop/web:http/TCP at 10.96.0.1:80: no rule of"
                + " shop/in\n");
  }

  @Test
  void anAllowedConnectionNamesItsRule() {
    Event allowed =
        DENIED.toBuilder()
            .setVerdict("allowed")
            .setReason("")
            .clearIsolatedBy()
            .setService("")
            .setPolicy("shop/in")
            .setRule(0)
            .setRuleText("from all; TCP 80")
            .build();
    assertThat(text(out -> EventsView.print(allowed, out)))
        .endsWith("(10.1.0.1:8080): shop/in rule 0 (from all; TCP 80)\n");
  }

  @Test
  void anEventIsOneLineOfJson() {
    String json = text(out -> EventsView.printJson(DENIED, out));
    assertThat(json.strip().lines()).hasSize(1);
    assertThat(json).contains("\"verdict\":\"denied\"").contains("\"isolated_by\":[\"shop/in\"]");
  }

  @Test
  void statusTellsOfPolicies() {
    Status status =
        Status.newBuilder()
            .setPolicy(
                PolicyStatus.newBuilder()
                    .setOn(true)
                    .setInForce(true)
                    .setGuarded(true)
                    .setGeneration(4)
                    .setLastUs(1200)
                    .setAddresses(10)
                    .setIsolatedIngress(3)
                    .setIsolatedEgress(1)
                    .setSets(2)
                    .setRules(5)
                    .setClasses(7))
            .build();
    assertThat(text(out -> StatusView.print(status, out)))
        .contains(
            "policy:   in force, generation 4, last after 1,200 us; of 10 pod addresses isolated: 3"
                + " ingress, 1 egress; 2 sets, 5 rules, 7 classes; unknown pods are closed\n");
  }
}
