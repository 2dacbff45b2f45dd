// SPDX-License-Identifier: Apache-2.0
package io.millrace.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.bpf.Errno;
import io.millrace.bpf.FormerMap;
import io.millrace.bpf.Role;
import io.millrace.compile.NodeConfig;
import io.millrace.fake.FakeDataplane;
import io.millrace.model.Problem;
import io.millrace.source.manifest.Manifests;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When programs of an earlier version are replaced. */
final class UpgradeTest {
  private static final String CLUSTER =
      """
      {apiVersion: v1, kind: Service, metadata: {name: s}, spec: {clusterIPs: [10.96.0.1],
       ports: [{port: 80}]}}
      ---
      {apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: s-4,
       labels: {kubernetes.io/service-name: s}}, addressType: IPv4, ports: [{port: 80}],
       endpoints: [{addresses: [10.1.1.1]}]}
      """;
  private static final List<String> HOST =
      List.of(
          "link 2 eth0 ethernet up default",
          "address 2 192.0.2.1",
          "link 5 veth5 veth peer",
          "route 10.1.1.1 5");

  private final Node node = new Node(new FakeDataplane(), NodeConfig.automatic("n1"));
  private final List<String> written = new ArrayList<>();

  private static FormerMap former(String map, FormerMap.Fate fate) {
    return new FormerMap(map, 1, 2, fate, 0, 0);
  }

  private void start(FormerMap... formers) {
    node.kernel.setFormerMaps(List.of(formers));
    node.restart();
    node.kernel.afterWrite(written::add);
    node.put(List.of(HostScript.read(HOST)));
    node.put(Manifests.parse(CLUSTER));
    node.run();
  }

  private List<String> problems() {
    return node.reconciler.status().problems().stream().map(Problem::toString).toList();
  }

  @ParameterizedTest
  @EnumSource(FormerMap.Fate.class)
  void allIsWrittenBeforeProgramsAreReplacedAndNothingIsAttachedBefore(FormerMap.Fate fate) {
    start(former("svcs4", fate));
    assertThat(written).containsSubsequence("backends4", "slots", "svcs4", "upgrade");
    int upgrade = written.indexOf("upgrade");
    assertThat(written.subList(0, upgrade)).doesNotContain("attachments");
    assertThat(written.subList(upgrade, written.size())).contains("attachments");
    assertThat(written.lastIndexOf("svcs4")).isLessThan(upgrade);
    assertThat(node.reconciler.status().settled()).isTrue();
  }

  @Test
  void whereNothingChangedThereIsNothingToReplace() {
    start();
    assertThat(written).contains("attachments").doesNotContain("upgrade");
  }

  @Test
  void aTableThatCannotBeWrittenKeepsTheProgramsOfBefore() {
    node.kernel.faults(map -> map.equals("svcs4") ? Errno.ENOMEM : 0);
    start(former("svcs4", FormerMap.Fate.REWRITTEN));
    assertThat(written).doesNotContain("upgrade", "attachments");
    assertThat(node.reconciler.status().settled()).isFalse();
    assertThat(problems())
        .anySatisfy(each -> assertThat(each).contains("the map svcs4 cannot be written"));
    node.kernel.faults(map -> 0);
    node.advance(60 * Node.SECOND_NS);
    assertThat(written).containsSubsequence("svcs4", "upgrade", "attachments");
    assertThat(node.reconciler.status().settled()).isTrue();
    assertThat(problems()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"endpoints4", "svcs4"})
  void whatCannotBeWrittenElsewhereIsNoReasonToWait(String map) {
    node.kernel.faults(each -> each.equals(map) ? Errno.ENOMEM : 0);
    start(former("flows4", FormerMap.Fate.CARRIED));
    assertThat(written).contains("upgrade", "attachments");
  }

  @Test
  void aTableThatIsFullIsNoReasonToWait() {
    node.kernel.faults(map -> map.equals("endpoints4") ? Errno.E2BIG : 0);
    start(former("endpoints4", FormerMap.Fate.REWRITTEN));
    assertThat(written).contains("upgrade", "attachments");
  }

  @Test
  void whatFailsIsTriedAgainAndSaid() {
    node.kernel.faults(map -> map.equals("upgrade") ? Errno.ENOMEM : 0);
    start(former("flows4", FormerMap.Fate.CARRIED));
    assertThat(node.reconciler.stands(5, Role.POD)).isFalse();
    assertThat(problems())
        .anySatisfy(each -> assertThat(each).contains("the programs of the earlier version go on"));
    node.kernel.faults(map -> 0);
    node.advance(60 * Node.SECOND_NS);
    assertThat(written).containsSubsequence("upgrade", "attachments");
    assertThat(node.reconciler.stands(5, Role.POD)).isTrue();
    assertThat(problems()).isEmpty();
  }
}
