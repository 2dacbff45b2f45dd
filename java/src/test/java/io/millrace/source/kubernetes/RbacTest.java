// SPDX-License-Identifier: Apache-2.0
package io.millrace.source.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.fake.api.Rbac;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class RbacTest {
  @Test
  void theAgentMayDoWhatItDoesAndNoMore() throws IOException {
    TreeSet<String> needed = new TreeSet<>(List.of("create /events", "patch /events"));
    for (Resource resource : Resource.values()) {
      String[] path = resource.listQuery(0, "").replaceAll("\\?.*", "").split("/", -1);
      String group = path[1].equals("api") ? "" : path[2];
      for (String verb : List.of("get", "list", "watch")) {
        needed.add(verb + " " + group + "/" + path[path.length - 1]);
      }
    }
    assertThat(Rbac.read(Path.of("deploy/kubernetes/rbac.yaml")).rights()).isEqualTo(needed);
  }
}
