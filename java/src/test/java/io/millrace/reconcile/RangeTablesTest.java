// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.bpf.MapName;
import io.millrace.compile.Frontend;
import io.millrace.compile.NodeConfig;
import io.millrace.fake.FakeDataplane;
import io.millrace.model.Ip;
import io.millrace.model.Problem;
import io.millrace.model.Protocol;
import io.millrace.source.manifest.Manifests;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** S-112: whatever the kernel refuses, nobody gets in who may not. */
final class RangeTablesTest {
  private static final NodeConfig CONFIG = NodeConfig.automatic("n1");
  private static final int ENOSPC = 28;
  private static final Frontend CLUSTER_IP = frontend("10.96.0.1");
  private static final Frontend VIP4 = frontend("203.0.113.1");
  private static final Frontend VIP6 = frontend("2001:db8:2::1");

  private final Node node = new Node(new FakeDataplane(), CONFIG);

  private static Frontend frontend(String ip) {
    return new Frontend(Ip.parse(ip), 80, Protocol.TCP.number());
  }

  private void put(String ranges, int endpoints) {
    StringBuilder addresses = new StringBuilder();
    for (int i = 1; i <= endpoints; i++) {
      addresses.append("{addresses: [10.1.1.").append(i).append("]},");
    }
    node.put(
        Manifests.parse(
            """
            {apiVersion: v1, kind: Service, metadata: {name: a}, spec: {type: LoadBalancer,
              clusterIPs: [10.96.0.1, 'fd00:96::1'], loadBalancerSourceRanges: [%s],
              ports: [{port: 80}]},
              status: {loadBalancer: {ingress: [{ip: 203.0.113.1}, {ip: '2001:db8:2::1'}]}}}
            ---
            {apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: a,
              labels: {kubernetes.io/service-name: a}}, addressType: IPv4, ports: [{port: 80}],
              endpoints: [%s]}
            """
                .formatted(ranges, addresses)));
    node.run();
  }

  private SvcEntry entry(Frontend frontend) {
    return Objects.requireNonNull(node.view().svcs.get(frontend));
  }

  private void refuse(String map) {
    node.kernel.faults(each -> each.equals(map) ? ENOSPC : 0);
  }

  private void checkMended() {
    node.kernel.faults(each -> 0);
    node.advance(100 * Node.SECOND_NS);
    assertThat(node.view().meaning()).isEqualTo(Meaning.of(CONFIG, node.image));
    assertThat(node.reconciler.status().settled()).isTrue();
    assertThat(node.reconciler.status().problems()).isEmpty();
  }

  @Test
  void withoutItsListAFrontendIsNotServed() {
    refuse("ranges4");
    put("10.2.0.0/16, 'fd00:2::/64'", 1);
    node.view().checkReferences();
    assertThat(node.view().svcs).containsKeys(CLUSTER_IP, VIP6).doesNotContainKey(VIP4);
    assertThat(node.reconciler.status().settled()).isFalse();
    assertThat(node.reconciler.status().problems().stream().map(Problem::toString))
        .anySatisfy(each -> assertThat(each).contains("map ranges4").contains("errno 28"));
    checkMended();
    assertThat(node.view().svcs).containsKey(VIP4);
  }

  @Test
  void anOpenFrontendClosesRatherThanStaysOpen() {
    put("", 1);
    assertThat(entry(VIP4).ranges()).isZero();
    refuse("ranges4");
    put("10.2.0.0/16, 'fd00:2::/64'", 1);
    assertThat(node.view().svcs).containsKeys(CLUSTER_IP, VIP6).doesNotContainKey(VIP4);
    checkMended();
  }

  /** Another step of the change fails: the old state, which lets in others, is not kept. */
  @Test
  void aChangeThatSticksElsewhereClosesTheFrontend() {
    put("10.2.0.0/16", 1);
    refuse("backends4");
    put("10.3.0.0/16", 2);
    node.view().checkReferences();
    assertThat(node.view().svcs).containsKeys(CLUSTER_IP, VIP6).doesNotContainKey(VIP4);
    assertThat(entry(CLUSTER_IP).allCount()).isEqualTo(1);
    checkMended();
  }

  /** Who may ask is as before: the old state is kept. */
  @Test
  void anotherChangeThatSticksKeepsTheFrontend() {
    put("10.2.0.0/16", 1);
    refuse("backends4");
    put("10.2.0.0/16", 2);
    assertThat(entry(VIP4).allCount()).isEqualTo(1);
    checkMended();
  }

  @Test
  void anEntryThatIsLostIsWrittenAgain() {
    put("10.2.0.0/16, 10.3.0.0/16", 1);
    node.kernel.fakeMap(MapName.RANGES4).loseFirst();
    assertThat(node.reconciler.audit()).isEqualTo(1);
    node.run();
    assertThat(node.view().meaning()).isEqualTo(Meaning.of(CONFIG, node.image));
  }

  /** Killed before the list was whole: the next agent makes another one, and clears this away. */
  @Test
  void halfAListIsNobodys() {
    int[] writes = new int[1];
    node.kernel.faults(each -> each.equals("ranges4") && writes[0]++ > 0 ? ENOSPC : 0);
    put("10.2.0.0/16, 10.3.0.0/16", 1);
    assertThat(node.view().ranges4).hasSize(1);
    node.restart();
    node.run();
    checkMended();
    assertThat(node.view().ranges4).hasSize(2);
    assertThat(node.view().ranges4.keySet().stream().map(RangeKey::list).distinct().toList())
        .isEqualTo(List.of(entry(VIP4).ranges()));
  }

  /** A frontend that names a list which is not there: its number is not given to another list. */
  @Test
  void theNumberOfAListThatIsGoneIsKeptWhileItIsNamed() {
    put("10.2.0.0/16", 1);
    int lost = entry(VIP4).ranges();
    node.kernel.fakeMap(MapName.RANGES4).loseFirst();
    node.restart();
    node.kernel.faults(each -> each.equals("svcs4") ? ENOSPC : 0);
    node.run();
    assertThat(node.view().ranges4.keySet()).noneMatch(key -> key.list() == lost);
    checkMended();
  }
}
